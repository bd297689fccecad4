package io.faultd.jvm;

import io.faultd.fault.FaultException;
import java.util.regex.Pattern;

/** Names of the Java language (JLS 3.8). */
final class ClassName {
  private static final String PART = "\\p{javaJavaIdentifierStart}\\p{javaJavaIdentifierPart}*";
  private static final Pattern CLASS = Pattern.compile(PART + "(\\." + PART + ")*");
  private static final Pattern METHOD = Pattern.compile("<init>|" + PART);

  private ClassName() {}

  /** The name of a class; refuses what names none in any JVM. */
  static String checked(String flag, String name) {
    if (!CLASS.matcher(name).matches()) {
      throw FaultException.illegal(
          flag,
          "must be the full name of a class, as in com.example.Shop or com.example.Shop$Item");
    }
    return name;
  }

  /** The name of a method; refuses what names none in any class. */
  static String checkedMethod(String flag, String name) {
    if (!METHOD.matcher(name).matches()) {
      throw FaultException.illegal(
          flag, "must be the name of a method, without brackets, or <init>");
    }
    return name;
  }
}
