package io.faultd.jvm;

import io.faultd.fault.FaultException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which calls a rule strikes.
 *
 * @param classname full name of a class
 * @param methodname name of its method, or {@code <init>}
 * @param after when it returns, not when it is called
 * @param override also what overrides it
 * @param effectCount at most so many times
 * @param effectPercent so many of a hundred, by chance
 */
record Pointcut(
    String classname,
    String methodname,
    boolean after,
    boolean override,
    @Nullable Long effectCount,
    @Nullable Integer effectPercent) {
  private static final String PART = "\\p{javaJavaIdentifierStart}\\p{javaJavaIdentifierPart}*";
  private static final Pattern CLASS = Pattern.compile(PART + "(\\." + PART + ")*");
  private static final Pattern METHOD = Pattern.compile("<init>|" + PART);

  /** Refuses what names nothing in any JVM. */
  Pointcut {
    className("classname", classname);
    if (!METHOD.matcher(methodname).matches()) {
      throw FaultException.illegal(
          "methodname", "must be the name of a method, without brackets, or <init>");
    }
  }

  /** Checks the name of a class. */
  static void className(String flag, String name) {
    if (!CLASS.matcher(name).matches()) {
      throw FaultException.illegal(
          flag,
          "must be the full name of a class, as in com.example.Shop or com.example.Shop$Item");
    }
  }

  /** As agents read it; flags of the action can be added. */
  Map<String, String> flags() {
    Map<String, String> flags = new LinkedHashMap<>();
    flags.put("classname", classname);
    flags.put("methodname", methodname);
    if (after) {
      flags.put("after", "true");
    }
    if (override) {
      flags.put("override", "true");
    }
    if (effectCount != null) {
      flags.put("effect-count", effectCount.toString());
    }
    if (effectPercent != null) {
      flags.put("effect-percent", effectPercent.toString());
    }
    return flags;
  }

  @Override
  public String toString() {
    return classname + "#" + methodname;
  }
}
