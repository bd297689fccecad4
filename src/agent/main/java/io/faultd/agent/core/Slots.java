package io.faultd.agent.core;

import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/** Where the arguments of a method are among its local variables (JVM specification 2.6.1). */
final class Slots {
  private Slots() {}

  /** The variable of an argument; one behind the last if there is no such argument. */
  static int of(int access, String descriptor, int argument) {
    int slot = (access & Opcodes.ACC_STATIC) == 0 ? 1 : 0;
    Type[] types = Type.getArgumentTypes(descriptor);
    for (int i = 0; i < argument && i < types.length; i++) {
      slot += types[i].getSize();
    }
    return slot;
  }
}
