package io.faultd.jvm;

import io.faultd.fault.FaultException;
import org.jspecify.annotations.Nullable;

/** The flags that say which calls of a method are struck. */
interface MethodFlags extends CallFlags {
  /** Full name of its class. */
  String classname();

  /** Its name, or {@code <init>}. */
  String methodname();

  /** When it returns, not when it is called. */
  boolean after();

  /** Also what overrides it. */
  boolean override();

  /** Only with these arguments, like {@code 0=tea,1=5}. */
  @Nullable String argument();

  @Override
  default Calls calls() {
    String type = ClassName.checked("classname", classname());
    String method = ClassName.checkedMethod("methodname", methodname());
    String argument = argument();
    if (argument != null && !argument.matches("\\d{1,3}=[^,]*(,\\d{1,3}=[^,]*)?")) {
      throw FaultException.illegal(
          "argument", "must be one or two of number=value, counted from 0, as in 0=tea,1=5");
    }
    return Calls.of("jvm", type + "#" + method, type + " is not loaded yet", this)
        .with("classname", type)
        .with("methodname", method)
        .with("argument", argument)
        .with("after", after() ? "true" : null)
        .with("override", override() ? "true" : null);
  }
}
