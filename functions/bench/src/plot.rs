//! Cold starts as bars, on a logarithmic scale: Python would hide all others on another.

use std::path::Path;

use plotters::prelude::*;

use crate::Failed;
use crate::cold::Cold;
use crate::programs::Language;
use crate::setups::Door;

const SIZE: (u32, u32) = (900, 420);
const NEXT: RGBColor = RGBColor(120, 144, 176);
const ANSWER: RGBColor = RGBColor(48, 84, 136);

/// The bare hello, and every program over TLS as it is shipped.
pub(crate) fn draw(path: &Path, cold: &[Cold]) -> Result<(), Failed> {
    let shown: Vec<&Cold> = cold.iter().filter(|cold| is_shown(cold)).collect();
    let times = || shown.iter().flat_map(|cold| [cold.next.milliseconds, cold.answer.milliseconds]);
    let (least, most) = (times().fold(f64::MAX, f64::min) / 2.0, times().fold(0.0, f64::max) * 2.0);
    let root = SVGBackend::new(path, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .caption("Start of the process to its first poll and to its first answer", ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(70)
        .build_cartesian_2d(0.0..shown.len() as f64, (least..most).log_scale())?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .x_labels(0)
        .y_desc("milliseconds, logarithmic")
        .y_label_formatter(&|value| format!("{value:.0}"))
        .draw()?;
    for (name, colour, from, which) in [("first poll", NEXT, 0.12, 0), ("first answer", ANSWER, 0.5, 1)] {
        let bars = shown.iter().enumerate().map(|(at, cold)| {
            let (left, top) = (at as f64 + from, [cold.next.milliseconds, cold.answer.milliseconds][which]);
            Rectangle::new([(left, least), (left + 0.38, top)], colour.filled())
        });
        chart
            .draw_series(bars)?
            .label(name)
            .legend(move |(x, y)| Rectangle::new([(x, y - 5), (x + 12, y + 5)], colour.filled()));
        let times = shown.iter().enumerate().map(|(at, cold)| {
            let time = [cold.next.milliseconds, cold.answer.milliseconds][which];
            Text::new(format!("{time:.1}"), (at as f64 + from + 0.06, time * 1.25), ("sans-serif", 11))
        });
        chart.draw_series(times)?;
    }
    let names = shown
        .iter()
        .enumerate()
        .map(|(at, cold)| Text::new(cold.program.clone(), (at as f64 + 0.08, least * 0.82), ("sans-serif", 12)));
    chart.plotting_area().strip_coord_spec();
    for name in names {
        chart.plotting_area().draw(&name)?;
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .border_style(BLACK)
        .background_style(WHITE)
        .draw()?;
    root.present()?;
    Ok(())
}

fn is_shown(cold: &Cold) -> bool {
    match cold.language {
        Language::Hello => true,
        Language::Rust => cold.door == Some(Door::Preconnected),
        Language::Python => cold.door == Some(Door::Tls),
    }
}
