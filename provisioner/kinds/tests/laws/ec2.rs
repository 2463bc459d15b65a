//! Laws of the network's kinds.

use kinds::Subnet;

use crate::world::World;

#[tokio::test]
async fn subnets_keep_the_laws() {
    let world = World::new().await;
    let vpc = world.aws.ec2.create_vpc().cidr_block("10.0.0.0/16").send().await.expect("a VPC").vpc.expect("a VPC");
    let vpc = vpc.vpc_id.expect("an id");
    let want = Subnet { vpc: vpc.as_str().into(), cidr: "10.0.1.0/24".into(), zone: "euw1-az1".into() };
    world.keeps_the_laws("main", want, []).await;
}
