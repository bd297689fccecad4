package io.faultd.agent.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * Looks at a class before it is woven: which methods a rule is for, and what speaks against them.
 */
final class Survey extends ClassVisitor {
  private final Rule rule;
  private final Map<String, Body> bodies = new HashMap<>();
  private final Set<String> others = new HashSet<>();
  private final List<Refusal> refusals = new ArrayList<>();
  private String owner = "";

  private Survey(Rule rule) {
    super(Opcodes.ASM9);
    this.rule = rule;
  }

  /** Looks at a class for a rule. */
  static Survey of(ClassReader reader, Rule rule) {
    Survey survey = new Survey(rule);
    reader.accept(survey, ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
    survey.judge();
    return survey;
  }

  /** Whether the rule is to be woven into a method. */
  boolean chosen(String name, String descriptor) {
    return bodies.containsKey(name + descriptor);
  }

  @Override
  public void visit(
      int version,
      int access,
      String name,
      @Nullable String signature,
      @Nullable String superName,
      String @Nullable [] interfaces) {
    owner = name;
  }

  @Override
  public @Nullable MethodVisitor visitMethod(
      int access,
      String name,
      String descriptor,
      @Nullable String signature,
      String @Nullable [] exceptions) {
    if (!rule.pointcut().takes(name, descriptor)) {
      others.add(name);
      return null;
    }
    String reason = null;
    if ((access & Opcodes.ACC_ABSTRACT) != 0) {
      reason = "is abstract; override takes the methods that implement it";
    } else if ((access & Opcodes.ACC_NATIVE) != 0) {
      reason = "is native";
    } else if (name.startsWith("<") && rule.action().skips()) {
      reason = "cannot return a value";
    }
    if (reason != null) {
      refuse(name, reason);
      return null;
    }
    Body body = new Body(owner, new Body.Head(access, name, descriptor, exceptions));
    bodies.put(body.key(), body);
    return body;
  }

  private void refuse(String name, String reason) {
    refusals.add(
        new Refusal(
            Refusal.Kind.NOT_WEAVABLE,
            "methodname",
            owner.replace('/', '.') + "#" + name + " " + reason));
  }

  private void judge() {
    Map<String, Body> found = new HashMap<>(bodies);
    for (Body body : found.values()) {
      Body called = found.get(body.delegate());
      boolean counted = called != null && called != body && takes(called);
      if (counted) {
        bodies.remove(body.key()); // the call would count twice
      } else if (forgets(body)) {
        bodies.remove(body.key());
        refuse(
            body.head.name(), "overwrites the argument, so that it is not known when it returns");
      }
    }
    if (found.isEmpty() && refusals.isEmpty()) {
      refusals.add(
          new Refusal(
              Refusal.Kind.NO_METHOD,
              "methodname",
              owner.replace('/', '.') + " has no method " + rule.pointcut().method() + near()));
    }
    for (Refusal refusal : refusals) {
      rule.refused(refusal);
    }
  }

  private boolean takes(Body body) {
    return !forgets(body) && Site.fits(rule, body.head.method(owner));
  }

  /** Whether it is not known any more when it returns what it was called with. */
  private boolean forgets(Body body) {
    return rule.pointcut().after() && body.overwrites(rule.pointcut().sights());
  }

  private String near() {
    String wanted = rule.pointcut().method().toLowerCase(Locale.ROOT);
    List<String> near = new ArrayList<>();
    for (String each : others) {
      String other = each.toLowerCase(Locale.ROOT);
      if (other.contains(wanted) || wanted.contains(other)) {
        near.add(each);
      }
    }
    return near.isEmpty() ? "" : "; it has " + near;
  }
}
