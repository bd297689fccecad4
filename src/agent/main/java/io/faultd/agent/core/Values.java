package io.faultd.agent.core;

import org.jspecify.annotations.Nullable;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/** Values that are woven into a method: read from text, put onto its stack, boxed and unboxed. */
final class Values {
  /** The value null, where null means that there is none. */
  static final Object NULL = Type.VOID_TYPE;

  private static final int LONGEST = 65535 / 3;

  private Values() {}

  /** A value of a type, from text, or null if it cannot be one. */
  static @Nullable Object read(Type type, String text) {
    try {
      switch (type.getSort()) {
        case Type.VOID:
          return NULL;
        case Type.BOOLEAN:
          return text.equals("true") || text.equals("false") ? Boolean.valueOf(text) : null;
        case Type.CHAR:
          return text.length() == 1 ? (Object) text.charAt(0) : null;
        case Type.BYTE:
          return Byte.valueOf(text);
        case Type.SHORT:
          return Short.valueOf(text);
        case Type.INT:
          return Integer.valueOf(text);
        case Type.LONG:
          return Long.valueOf(text);
        case Type.FLOAT:
          return Float.valueOf(text);
        case Type.DOUBLE:
          return Double.valueOf(text);
        default:
          return reference(type, text);
      }
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static @Nullable Object reference(Type type, String text) {
    if (text.equals("null")) {
      return NULL;
    }
    switch (type.getInternalName()) {
      case "java/lang/String":
      case "java/lang/CharSequence":
      case "java/lang/Object":
        return text.length() <= LONGEST ? text : null;
      default:
        Type primitive = unboxed(type);
        return primitive == null ? null : read(primitive, text);
    }
  }

  /** The type whose box a class is, or null. */
  private static @Nullable Type unboxed(Type type) {
    for (Type each :
        new Type[] {
          Type.BOOLEAN_TYPE, Type.CHAR_TYPE, Type.BYTE_TYPE, Type.SHORT_TYPE,
          Type.INT_TYPE, Type.LONG_TYPE, Type.FLOAT_TYPE, Type.DOUBLE_TYPE
        }) {
      if (type.getInternalName().equals(boxName(each))) {
        return each;
      }
    }
    return null;
  }

  /** Puts a value onto the stack. */
  static void push(MethodVisitor to, Type type, Object value) {
    if (type.getSort() == Type.VOID) {
      return;
    }
    if (NULL.equals(value)) {
      to.visitInsn(Opcodes.ACONST_NULL);
    } else if (value instanceof Boolean) {
      push(to, (Boolean) value ? 1 : 0);
    } else if (value instanceof Character) {
      push(to, (Character) value);
    } else if (value instanceof Byte || value instanceof Short || value instanceof Integer) {
      push(to, ((Number) value).intValue());
    } else {
      to.visitLdcInsn(value);
    }
    Type primitive = type.getSort() == Type.OBJECT ? unboxed(type) : null;
    if (primitive != null && !NULL.equals(value)) {
      box(to, primitive);
    }
  }

  static void push(MethodVisitor to, int number) {
    if (number >= -1 && number <= 5) {
      to.visitInsn(Opcodes.ICONST_0 + number);
    } else if (number == (byte) number) {
      to.visitIntInsn(Opcodes.BIPUSH, number);
    } else if (number == (short) number) {
      to.visitIntInsn(Opcodes.SIPUSH, number);
    } else {
      to.visitLdcInsn(number);
    }
  }

  /** Boxes what is on the stack, if it is of a primitive type. */
  static void box(MethodVisitor to, Type type) {
    String box = boxName(type);
    if (box != null) {
      to.visitMethodInsn(
          Opcodes.INVOKESTATIC,
          box,
          "valueOf",
          "(" + type.getDescriptor() + ")L" + box + ";",
          false);
    }
  }

  /** Makes what is on the stack one of this type again. */
  static void unbox(MethodVisitor to, Type type) {
    String box = boxName(type);
    if (box == null) {
      to.visitTypeInsn(Opcodes.CHECKCAST, type.getInternalName());
    } else {
      to.visitTypeInsn(Opcodes.CHECKCAST, box);
      to.visitMethodInsn(
          Opcodes.INVOKEVIRTUAL,
          box,
          type.getClassName() + "Value",
          "()" + type.getDescriptor(),
          false);
    }
  }

  /** The class of a primitive type's box, or null if it is none. */
  private static @Nullable String boxName(Type type) {
    switch (type.getSort()) {
      case Type.BOOLEAN:
        return "java/lang/Boolean";
      case Type.CHAR:
        return "java/lang/Character";
      case Type.BYTE:
        return "java/lang/Byte";
      case Type.SHORT:
        return "java/lang/Short";
      case Type.INT:
        return "java/lang/Integer";
      case Type.LONG:
        return "java/lang/Long";
      case Type.FLOAT:
        return "java/lang/Float";
      case Type.DOUBLE:
        return "java/lang/Double";
      default:
        return null;
    }
  }

  /**
   * Whether an argument is what a matcher says. Touches only final classes of the JDK and names of
   * enum constants.
   */
  static boolean equal(String expected, @Nullable Object argument) {
    if (argument instanceof String) {
      return expected.equals(argument);
    }
    if (argument instanceof Enum) {
      return expected.equals(((Enum<?>) argument).name());
    }
    if (argument == null) {
      return expected.equals("null");
    }
    boolean plain =
        argument instanceof Number && argument.getClass().getName().startsWith("java.lang.");
    return (plain || argument instanceof Boolean || argument instanceof Character)
        && expected.equals(argument.toString());
  }
}
