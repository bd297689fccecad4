package io.faultd.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.agent.testing.TargetJvm;
import io.faultd.agent.testing.TargetJvm.Reply;
import java.io.IOException;

/** Which methods a rule is for, in a JVM of each kind that is here. */
class MethodsTest extends RulesInEachJvm {
  @EachJvm
  void waitsForClassesThatAreNotLoadedYet(TargetJvm jvm) throws IOException {
    String late = "io.faultd.targets.Shape$Circle";
    assertEquals("waiting", place(jvm, "a", "return", late, "area", "value=1.25").get("state"));
    assertEquals("waiting", jvm.ask("list").item("state"));
    assertEquals("1.25", jvm.run("call " + late + " area").get("last"));
    assertEquals("armed", jvm.ask("list").item("state"));
    assertEquals("1", jvm.ask("list").item("hits"));
    jvm.ask("remove", "rule=a");
    assertEquals("3.0", jvm.run("call " + late + " area").get("last"));
  }

  @EachJvm
  void takesWhatOverridesAMethodAlsoWhenItComesLater(TargetJvm jvm) throws IOException {
    jvm.run("call " + SUBJECT + " area");
    String shape = "io.faultd.targets.Shape";
    Reply plain = place(jvm, "a", "return", shape, "area", "value=9");
    assertEquals("not-weavable", plain.get("kind"), plain.toString());
    assertArmed(place(jvm, "a", "return", shape, "area", "value=9", "override=true"));
    assertEquals("9.0", last(jvm, "area"));
    assertEquals("9.0", jvm.run("call " + shape + "$Square$Tile area").get("last"));
    assertEquals("9.0", jvm.run("call " + shape + "$Square area").get("last"));
    assertEquals("3", jvm.ask("remove", "rule=a").get("hits"));
    assertEquals("1.0", jvm.run("call " + shape + "$Square$Tile area").get("last"));
    assertArmed(place(jvm, "a", "return", shape, "name", "value=no"));
    assertEquals(
        "not-weavable", place(jvm, "b", "delay", SUBJECT, "outside", "time=1").get("kind"));
  }

  @EachJvm
  void takesWhatOverridesAMethodOfAnInterfaceThatComesLater(TargetJvm jvm) throws IOException {
    String solid = "io.faultd.targets.Shape$Solid";
    String state =
        place(jvm, "a", "return", solid, "volume", "value=9", "override=true").get("state");
    assertEquals("waiting", state);
    assertEquals("9.0", jvm.run("call " + solid + "$Cube volume").get("last"));
    assertEquals("armed 1", jvm.ask("list").item("state") + " " + jvm.ask("list").item("hits"));
  }

  @EachJvm
  void aMethodThatOnlyDelegatesDoesNotCountTwice(TargetJvm jvm) throws IOException {
    jvm.run("call " + SUBJECT + " touch");
    assertArmed(add(jvm, "delay", "over", "time=0"));
    last(jvm, "over 3");
    last(jvm, "over 3 4");
    assertEquals("2", jvm.ask("list").item("hits"));
    jvm.ask("remove", "rule=rule");
    assertArmed(add(jvm, "delay", "faculty", "time=0"));
    assertEquals("120", last(jvm, "faculty 5"));
    assertEquals("5", jvm.ask("list").item("hits"));
  }

  @EachJvm
  void aMethodThatDoesMoreThanDelegateIsStruckItself(TargetJvm jvm) throws IOException {
    jvm.run("call " + SUBJECT + " touch");
    assertArmed(add(jvm, "return", "label", "value=no"));
    assertEquals("no no", last(jvm, "label 1") + " " + last(jvm, "label 1 2"));
    jvm.ask("remove", "rule=rule");
    assertArmed(add(jvm, "return", "cost", "value=5"));
    assertEquals("5", last(jvm, "cost 1"));
    assertEquals("2", jvm.ask("list").item("methods"));
    jvm.ask("remove", "rule=rule");
    // the other one has no such argument
    assertArmed(add(jvm, "return", "order", "value=0", "argument=0=tea"));
    assertEquals("0 7", last(jvm, "order tea") + " " + last(jvm, "order coffee"));
  }

  @EachJvm
  void ofTwoOfWhichOneOverwritesTheArgumentTheOtherOneIsStruck(TargetJvm jvm) throws IOException {
    jvm.run("call " + SUBJECT + " touch");
    Reply handedOn = add(jvm, "return", "sum", "value=0", "argument=0=1", "after=true");
    assertArmed(handedOn);
    assertEquals(
        "left out: "
            + SUBJECT
            + "#sum overwrites the argument, so that it is not known when it returns",
        handedOn.get("warning"));
    assertEquals("0 3", last(jvm, "sum 1") + " " + last(jvm, "sum 1 2"));
    assertEquals("1", jvm.ask("remove", "rule=rule").get("hits"));
    // the other way round: it hands on another one than it was called with
    assertArmed(add(jvm, "return", "total", "value=0", "argument=0=1", "after=true"));
    assertEquals("0 3", last(jvm, "total 0") + " " + last(jvm, "total 1"));
    assertEquals("0", last(jvm, "total 1 2"));
    assertEquals("2", jvm.ask("remove", "rule=rule").get("hits"));
  }

  @EachJvm
  void whatIsLeftOutOfAllOfThatNameIsTold(TargetJvm jvm) throws IOException {
    jvm.run("call " + SUBJECT + " touch");
    Reply reply = add(jvm, "return", "find", "value=null");
    assertArmed(reply);
    assertEquals(
        "left out: " + SUBJECT + "#find returns int, and that is none: null", reply.get("warning"));
    assertEquals("null 3", last(jvm, "find a b") + " " + last(jvm, "find 3"));
  }

  @EachJvm
  void aConstructorThatCallsAnotherOneDoesNotCountTwice(TargetJvm jvm) throws IOException {
    jvm.run("call " + SUBJECT + " touch");
    assertArmed(add(jvm, "delay", "<init>", "time=0"));
    last(jvm, "touch"); // of a new one
    assertEquals("1", jvm.ask("list").item("hits"));
  }

  @EachJvm
  void constructorsAreDelayedAndThrowButReturnNothing(TargetJvm jvm) throws IOException {
    jvm.run("call " + SUBJECT + " touch");
    assertArmed(
        add(jvm, "throwCustomException", "<init>", "exception=java.lang.IllegalStateException"));
    assertEquals(
        "java.lang.IllegalStateException: chaosblade-mock-exception at <init>",
        last(jvm, "<init> me"));
    jvm.ask("remove", "rule=rule");
    assertArmed(add(jvm, "delay", "<init>", "time=0", "after=true"));
    assertTrue(last(jvm, "<init> me").startsWith(SUBJECT));
    assertEquals(
        "not-weavable", place(jvm, "b", "return", SUBJECT, "<init>", "value=1").get("kind"));
  }
}
