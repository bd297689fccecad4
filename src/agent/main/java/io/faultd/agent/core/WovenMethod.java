package io.faultd.agent.core;

import java.util.List;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * Weaves the call of the gate into a method: at its start, or before each of its returns.
 *
 * <p>No member is added, no local variable used, and a branch only where a method is to return at
 * once: so constructors and the oldest class files need no other treatment.
 */
final class WovenMethod extends MethodVisitor {
  private static final String GATE = "java/faultd/Gate";
  private static final String OBJECT = "Ljava/lang/Object;";

  private final int access;
  private final String descriptor;
  private final Type returns;
  private final Site site;
  private final Rule rule;
  private final boolean frames;

  /**
   * Makes one.
   *
   * @param head access flags and descriptor
   * @param frames whether the class file has stack map frames (version 50)
   */
  WovenMethod(MethodVisitor next, Head head, Rule rule, Site site, boolean frames) {
    super(Opcodes.ASM9, next);
    this.access = head.access;
    this.descriptor = head.descriptor;
    this.returns = Type.getReturnType(descriptor);
    this.rule = rule;
    this.site = site;
    this.frames = frames;
  }

  @Override
  public void visitCode() {
    mv.visitCode();
    if (rule.pointcut().after()) {
      return;
    }
    if (!rule.action().skips()) {
      call("hit", sights(), "V");
      return;
    }
    call("skip", sights(), "Z");
    Label go = new Label();
    mv.visitJumpInsn(Opcodes.IFEQ, go);
    Object constant = site.constant();
    Values.push(mv, returns, constant == null ? Values.NULL : constant);
    mv.visitInsn(returns.getOpcode(Opcodes.IRETURN));
    mv.visitLabel(go);
    if (frames) {
      mv.visitFrame(Opcodes.F_SAME, 0, null, 0, null);
    }
    // the method may have a frame of its own at its start, and there cannot be two at one place
    mv.visitInsn(Opcodes.NOP);
  }

  @Override
  public void visitInsn(int opcode) {
    if (rule.pointcut().after() && opcode >= Opcodes.IRETURN && opcode <= Opcodes.RETURN) {
      if (site.constant() == null || opcode == Opcodes.RETURN) {
        call("hit", sights(), "V");
      } else {
        Values.box(mv, returns);
        call("result", OBJECT + sights(), OBJECT);
        Values.unbox(mv, returns);
      }
    }
    mv.visitInsn(opcode);
  }

  /** Puts what the rule looks at onto the stack; returns its types. */
  private String sights() {
    StringBuilder types = new StringBuilder();
    List<Integer> values = rule.pointcut().sights();
    Type[] arguments = Type.getArgumentTypes(descriptor);
    for (int value : values) {
      types.append(OBJECT);
      if (value == Pointcut.THIS && (access & Opcodes.ACC_STATIC) == 0) {
        mv.visitVarInsn(Opcodes.ALOAD, 0);
      } else if (value >= 0 && value < arguments.length) {
        Type type = arguments[value];
        mv.visitVarInsn(type.getOpcode(Opcodes.ILOAD), Slots.of(access, descriptor, value));
        Values.box(mv, type);
      } else {
        mv.visitInsn(Opcodes.ACONST_NULL);
      }
    }
    return types.toString();
  }

  private void call(String name, String types, String result) {
    Values.push(mv, site.id());
    mv.visitMethodInsn(Opcodes.INVOKESTATIC, GATE, name, "(" + types + "I)" + result, false);
  }

  /** The head of a method. */
  static final class Head {
    private final int access;
    private final String descriptor;

    Head(int access, String descriptor) {
      this.access = access;
      this.descriptor = descriptor;
    }
  }
}
