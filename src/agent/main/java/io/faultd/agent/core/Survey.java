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
import org.objectweb.asm.Label;
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
    Body body = new Body(access, name, descriptor);
    bodies.put(name + descriptor, body);
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
    List<Body> found = new ArrayList<>(bodies.values());
    for (Body body : found) {
      if (body.delegates() && bodies.size() > 1) {
        bodies.remove(body.key());
      } else if (rule.pointcut().after() && body.overwrites()) {
        bodies.remove(body.key());
        refuse(body.name, "overwrites the argument, so that it is not known when it returns");
      }
    }
    if (found.isEmpty() && refusals.isEmpty()) {
      refusals.add(
          new Refusal(
              Refusal.Kind.NO_METHOD,
              "methodname",
              owner.replace('/', '.') + " has no method " + rule.pointcut().method() + near()));
    }
    if (bodies.isEmpty()) {
      for (Refusal refusal : refusals) {
        rule.refused(refusal);
      }
    }
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

  /** The code of a method that the rule is for. */
  private final class Body extends MethodVisitor {
    private final int access;
    private final String name;
    private final String descriptor;
    private final Set<Integer> stored = new HashSet<>();
    private boolean jumps;
    private @Nullable String last;

    Body(int access, String name, String descriptor) {
      super(Opcodes.ASM9);
      this.access = access;
      this.name = name;
      this.descriptor = descriptor;
    }

    String key() {
      return name + descriptor;
    }

    /**
     * Whether it does nothing but call another method that the rule is for: such a call would count
     * twice.
     */
    boolean delegates() {
      return !jumps && last != null && !last.equals(key()) && bodies.containsKey(last);
    }

    boolean overwrites() {
      for (int argument : rule.pointcut().sights()) {
        if (argument >= 0 && stored.contains(Slots.of(access, descriptor, argument))) {
          return true;
        }
      }
      return false;
    }

    @Override
    public void visitMethodInsn(
        int opcode, String of, String called, String as, boolean isInterface) {
      last = of.equals(owner) && !called.equals("<init>") ? called + as : null;
    }

    @Override
    public void visitVarInsn(int opcode, int slot) {
      if (opcode >= Opcodes.ISTORE && opcode <= Opcodes.ASTORE) {
        stored.add(slot);
      }
    }

    @Override
    public void visitIincInsn(int slot, int increment) {
      stored.add(slot);
    }

    @Override
    public void visitJumpInsn(int opcode, Label label) {
      jumps = true;
    }

    @Override
    public void visitLookupSwitchInsn(Label otherwise, int[] keys, Label[] labels) {
      jumps = true;
    }

    @Override
    public void visitTableSwitchInsn(int min, int max, Label otherwise, Label... labels) {
      jumps = true;
    }

    @Override
    public void visitTryCatchBlock(Label start, Label end, Label handler, @Nullable String type) {
      jumps = true;
    }
  }
}
