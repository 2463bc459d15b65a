//! Cold starts as bars, on a logarithmic scale: Python would hide all others on another.

use std::path::Path;

use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

use crate::Failed;
use crate::cold::Cold;
use crate::programs::Language;
use crate::setups::Door;

const SIZE: (u32, u32) = (900, 420);
const NEXT: RGBColor = RGBColor(120, 144, 176);
const ANSWER: RGBColor = RGBColor(48, 84, 136);

type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, LogCoord<f64>>>;

/// One bar of each program.
struct Series {
    name: &'static str,
    colour: RGBColor,
    /// Of a program's place, which is one wide.
    left: f64,
    time: fn(&Cold) -> f64,
}

const SERIES: [Series; 2] = [
    Series { name: "first poll", colour: NEXT, left: 0.12, time: |cold| cold.next.milliseconds },
    Series { name: "first answer", colour: ANSWER, left: 0.5, time: |cold| cold.answer.milliseconds },
];

/// The bare hello, and every program over TLS as it is shipped.
pub(crate) fn draw(path: &Path, cold: &[Cold]) -> Result<(), Failed> {
    let shown: Vec<&Cold> = cold.iter().filter(|cold| is_shown(cold)).collect();
    let times = || shown.iter().flat_map(|cold| SERIES.map(|series| (series.time)(cold)));
    let (least, most) = (times().fold(f64::MAX, f64::min) / 2.0, times().fold(0.0, f64::max) * 2.0);
    let root = SVGBackend::new(path, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .caption("Start of the process to its first poll and to its first answer", ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(70)
        .build_cartesian_2d(0.0..shown.len() as f64, (least..most).log_scale())?;
    axes(&mut chart)?;
    for series in SERIES {
        bars(&mut chart, &shown, least, &series)?;
    }
    names(&chart, &shown, least)?;
    let mut legend = chart.configure_series_labels();
    legend.position(SeriesLabelPosition::UpperLeft).border_style(BLACK).background_style(WHITE).draw()?;
    root.present()?;
    Ok(())
}

fn axes(chart: &mut Chart<'_, '_>) -> Result<(), Failed> {
    let mut mesh = chart.configure_mesh();
    let mesh = mesh.disable_x_mesh().x_labels(0).y_desc("milliseconds, logarithmic");
    Ok(mesh.y_label_formatter(&|value| format!("{value:.0}")).draw()?)
}

fn bars(chart: &mut Chart<'_, '_>, shown: &[&Cold], least: f64, series: &Series) -> Result<(), Failed> {
    let &Series { name, colour, left, time } = series;
    let places = || shown.iter().enumerate().map(|(at, cold)| (at as f64 + left, time(cold)));
    let bar = |(left, top)| Rectangle::new([(left, least), (left + 0.38, top)], colour.filled());
    chart
        .draw_series(places().map(bar))?
        .label(name)
        .legend(move |(x, y)| Rectangle::new([(x, y - 5), (x + 12, y + 5)], colour.filled()));
    let told =
        |(left, time): (f64, f64)| Text::new(format!("{time:.1}"), (left + 0.06, time * 1.25), ("sans-serif", 11));
    chart.draw_series(places().map(told))?;
    Ok(())
}

fn names(chart: &Chart<'_, '_>, shown: &[&Cold], least: f64) -> Result<(), Failed> {
    for (at, cold) in shown.iter().enumerate() {
        let name = Text::new(cold.program.clone(), (at as f64 + 0.08, least * 0.82), ("sans-serif", 12));
        chart.plotting_area().draw(&name)?;
    }
    Ok(())
}

fn is_shown(cold: &Cold) -> bool {
    match cold.language {
        Language::Hello => true,
        Language::Rust => cold.door == Some(Door::Preconnected),
        Language::Python => cold.door == Some(Door::Tls),
    }
}
