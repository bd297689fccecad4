package io.faultd.agent.core;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * The code of a method that a rule is for: whether it does nothing but hand its call on to another
 * one of its class, and which of its arguments it overwrites.
 */
final class Body extends MethodVisitor {
  /** What an argument may be made with: methods of these change nothing that others see. */
  private static final Set<String> PURE =
      new HashSet<>(
          Arrays.asList(
              "java/lang/Boolean",
              "java/lang/Byte",
              "java/lang/Character",
              "java/lang/Double",
              "java/lang/Float",
              "java/lang/Integer",
              "java/lang/Long",
              "java/lang/Math",
              "java/lang/Short",
              "java/lang/String",
              "java/lang/StringBuilder",
              "java/util/Collections"));

  final Head head;
  private final String owner;
  private final Set<Integer> stored = new HashSet<>();

  /** It does something besides. */
  private boolean works;

  /** The one that it hands its call on to, as far as was seen. */
  private @Nullable String delegate;

  /** Objects of its own class that were made and whose constructor was not yet called. */
  private int made;

  /**
   * Nothing seen yet.
   *
   * @param owner its class
   */
  Body(String owner, Head head) {
    super(Opcodes.ASM9);
    this.owner = owner;
    this.head = head;
  }

  String key() {
    return head.name + head.descriptor;
  }

  /** The {@link #key} of the one that it hands its call on to; null if it does work of its own. */
  @Nullable String delegate() {
    return works && !head.constructs() ? null : delegate;
  }

  /** Whether one of some arguments is another when it returns than when it was called. */
  boolean overwrites(List<Integer> arguments) {
    for (int argument : arguments) {
      if (argument >= 0 && stored.contains(Slots.of(head.access, head.descriptor, argument))) {
        return true;
      }
    }
    return false;
  }

  /** What may only come before the call is handed on. */
  private void before() {
    works |= delegate != null;
  }

  @Override
  public void visitMethodInsn(
      int opcode, String of, String called, String as, boolean isInterface) {
    if (head.constructs()) {
      constructor(of, called, as);
      return;
    }
    before();
    if (of.equals(owner) && called.equals(head.name)) {
      delegate = called + as;
    } else {
      works |= !PURE.contains(of);
    }
  }

  /** A constructor hands its call on by {@code this(...)}, whatever else it does. */
  private void constructor(String of, String called, String as) {
    if (of.equals(owner) && called.equals("<init>")) {
      if (made > 0) {
        made--;
      } else {
        delegate = called + as;
      }
    }
  }

  @Override
  public void visitTypeInsn(int opcode, String type) {
    if (opcode == Opcodes.NEW && type.equals(owner)) {
      made++;
    }
    if (opcode != Opcodes.CHECKCAST) {
      before();
    }
  }

  @Override
  public void visitInsn(int opcode) {
    works |= opcode == Opcodes.ATHROW || opcode == Opcodes.MONITORENTER;
    if (opcode < Opcodes.IRETURN || opcode > Opcodes.RETURN) {
      before();
    }
  }

  @Override
  public void visitVarInsn(int opcode, int slot) {
    before();
    if (opcode >= Opcodes.ISTORE && opcode <= Opcodes.ASTORE) {
      stored.add(slot);
    }
  }

  @Override
  public void visitIincInsn(int slot, int increment) {
    before();
    stored.add(slot);
  }

  @Override
  public void visitFieldInsn(int opcode, String of, String name, String descriptor) {
    before();
    works |= opcode == Opcodes.PUTFIELD || opcode == Opcodes.PUTSTATIC;
  }

  @Override
  public void visitInvokeDynamicInsn(
      String name, String descriptor, Handle bootstrap, Object... arguments) {
    before();
  }

  @Override
  public void visitIntInsn(int opcode, int operand) {
    before();
  }

  @Override
  public void visitLdcInsn(Object value) {
    before();
  }

  @Override
  public void visitMultiANewArrayInsn(String descriptor, int dimensions) {
    before();
  }

  @Override
  public void visitJumpInsn(int opcode, Label label) {
    works = true;
  }

  @Override
  public void visitLookupSwitchInsn(Label otherwise, int[] keys, Label[] labels) {
    works = true;
  }

  @Override
  public void visitTableSwitchInsn(int min, int max, Label otherwise, Label... labels) {
    works = true;
  }

  @Override
  public void visitTryCatchBlock(Label start, Label end, Label handler, @Nullable String type) {
    works = true;
  }

  /** A method as its class declares it. */
  static final class Head {
    private final int access;
    private final String name;
    private final String descriptor;
    private final String @Nullable [] exceptions;

    Head(int access, String name, String descriptor, String @Nullable [] exceptions) {
      this.access = access;
      this.name = name;
      this.descriptor = descriptor;
      this.exceptions = exceptions;
    }

    String name() {
      return name;
    }

    boolean constructs() {
      return name.equals("<init>");
    }

    Site.Method method(String owner) {
      return new Site.Method(null, owner, name, descriptor, exceptions);
    }
  }
}
