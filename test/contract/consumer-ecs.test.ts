/** Services of Amazon ECS. */
import { openEcsPlace } from "../support/consumers/ecs-place.ts";
import { consumerContract } from "./consumer.contract.ts";

consumerContract("ecs", openEcsPlace, "instances");
