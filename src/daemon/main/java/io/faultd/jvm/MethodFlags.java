package io.faultd.jvm;

import io.faultd.fault.FaultException;
import org.jspecify.annotations.Nullable;

/**
 * The flags that say which calls of a method are struck.
 *
 * @param common in which JVM, and how many
 * @param classname full name of its class
 * @param methodname its name, or {@code <init>}
 * @param after when it returns, not when it is called
 * @param override also what overrides it
 * @param argument only with these arguments, like {@code 0=tea,1=5}
 */
record MethodFlags(
    CallFlags common,
    String classname,
    String methodname,
    boolean after,
    boolean override,
    @Nullable String argument)
    implements CallFlags.Which {

  @Override
  public Calls calls() {
    String type = ClassName.checked("classname", classname);
    String method = ClassName.checkedMethod("methodname", methodname);
    if (override && method.startsWith("<")) {
      throw FaultException.illegal(
          "override",
          "nothing overrides " + method + "; name the class whose " + method + " it is");
    }
    if (argument != null && !argument.matches("\\d{1,3}=[^,]*(,\\d{1,3}=[^,]*)?")) {
      throw FaultException.illegal(
          "argument", "must be one or two of number=value, counted from 0, as in 0=tea,1=5");
    }
    return Calls.of("jvm", type + "#" + method, type + " is not loaded yet", common)
        .with("classname", type)
        .with("methodname", method)
        .with("argument", argument)
        .with("after", after ? "true" : null)
        .with("override", override ? "true" : null);
  }
}
