package io.faultd.testing;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives the tests of a class the {@link Containerd} that all of this JVM share. */
@Retention(RetentionPolicy.RUNTIME)
@Requires("root")
@ExtendWith(WithContainerd.Shared.class)
public @interface WithContainerd {

  /** Starts it before the first class that wants it, and stops it after the last test. */
  final class Shared implements BeforeAllCallback, ParameterResolver {
    private static final ExtensionContext.Namespace SPACE =
        ExtensionContext.Namespace.create(WithContainerd.class);

    @Override
    public void beforeAll(ExtensionContext context) {
      shared(context);
    }

    private static Containerd shared(ExtensionContext context) {
      return context
          .getRoot()
          .getStore(SPACE)
          .getOrComputeIfAbsent(Containerd.class, type -> started(), Containerd.class);
    }

    private static Containerd started() {
      try {
        return Containerd.start();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == Containerd.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return shared(context);
    }
  }
}
