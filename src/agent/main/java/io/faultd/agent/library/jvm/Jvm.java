package io.faultd.agent.library.jvm;

import io.faultd.agent.core.Action;
import io.faultd.agent.core.Actions;
import io.faultd.agent.core.Aim;
import io.faultd.agent.core.Flags;
import io.faultd.agent.core.Library;
import io.faultd.agent.core.Load;
import io.faultd.agent.core.Pointcut;
import io.faultd.agent.core.Refusal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Any method, by class and name. */
public final class Jvm implements Library {
  private static final int MOST = 2;

  /** Made once. */
  public Jvm() {}

  @Override
  public String target() {
    return "jvm";
  }

  @Override
  public Aim aim(Flags flags) throws Refusal {
    String type = flags.need("classname").replace('.', '/');
    String method = flags.need("methodname");
    if (method.equals("<clinit>")) {
      throw Refusal.illegal("methodname", "is over before a rule could be there: " + method);
    }
    Map<Integer, String> arguments = arguments(flags.take("argument"));
    return Aim.at(
        Pointcut.of(Collections.singletonList(type), method)
            .overriding(flags.on("override"))
            .after(flags.on("after"))
            .looking(new ArrayList<>(arguments.keySet())),
        arguments);
  }

  private static Map<Integer, String> arguments(@Nullable String text) throws Refusal {
    Map<Integer, String> arguments = new TreeMap<>();
    if (text == null) {
      return arguments;
    }
    for (String part : text.split(",", -1)) {
      int equals = part.indexOf('=');
      try {
        int number = Integer.parseInt(part.substring(0, Math.max(equals, 0)));
        if (number >= 0 && arguments.put(number, part.substring(equals + 1)) == null) {
          continue;
        }
      } catch (NumberFormatException e) {
        throw Refusal.illegal("argument", "must be like 0=text,1=5: " + text);
      }
      throw Refusal.illegal("argument", "must name each argument once, from 0: " + text);
    }
    if (arguments.size() > MOST) {
      throw Refusal.illegal("argument", "must name at most two arguments: " + text);
    }
    return arguments;
  }

  @Override
  public Action action(String name, Flags flags) throws Refusal {
    switch (name) {
      case "throwDeclaredException":
        return Actions.declared(flags);
      case "return":
        return Actions.value(flags);
      default:
        return Actions.common(name, flags);
    }
  }

  @Override
  public @Nullable Load load(String name, Flags flags) throws Refusal {
    if (!name.equals("cpufullload")) {
      return null;
    }
    Load load = new Burn(flags);
    flags.end();
    return load;
  }
}
