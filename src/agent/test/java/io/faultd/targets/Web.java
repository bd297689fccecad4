package io.faultd.targets;

import java.io.File;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.file.Files;

/** Servers with one servlet, of whichever version is on the class path: so without its types. */
final class Web {
  private Web() {}

  /**
   * Serves {@code /app/*}.
   *
   * @return the port
   */
  static int serve(String server, String servlet) throws Exception {
    Class<?> type = Class.forName("io.faultd.targets." + servlet);
    return server.equals("tomcat") ? tomcat(type) : jetty(type);
  }

  private static int tomcat(Class<?> servlet) throws Exception {
    File folder = Files.createTempDirectory("faultd-tomcat").toFile();
    Class<?> type = Class.forName("org.apache.catalina.startup.Tomcat");
    Object tomcat = type.getConstructor().newInstance();
    call(tomcat, "setBaseDir", folder.getPath());
    call(tomcat, "setPort", 0);
    Object connector = call(tomcat, "getConnector");
    Object context = call(tomcat, "addContext", "/app", folder.getPath());
    Object made = servlet.getConstructor().newInstance();
    call(tomcat, "addServlet", "/app", "servlet", made);
    try {
      call(context, "addServletMappingDecoded", "/*", "servlet");
    } catch (NoSuchMethodException e) {
      call(context, "addServletMapping", "/*", "servlet"); // before 8.5.9
    }
    call(tomcat, "start");
    return (int) call(connector, "getLocalPort");
  }

  private static int jetty(Class<?> servlet) throws Exception {
    Object server =
        Class.forName("org.eclipse.jetty.server.Server").getConstructor(int.class).newInstance(0);
    Class<?> handlers;
    try {
      handlers = Class.forName("org.eclipse.jetty.servlet.ServletContextHandler");
    } catch (ClassNotFoundException e) {
      handlers = Class.forName("org.eclipse.jetty.ee11.servlet.ServletContextHandler");
    }
    Object handler = handlers.getConstructor().newInstance();
    call(handler, "setContextPath", "/app");
    call(handler, "addServlet", servlet, "/*");
    call(server, "setHandler", handler);
    call(server, "start");
    return ((URI) call(server, "getURI")).getPort();
  }

  private static Object call(Object on, String name, Object... arguments) throws Exception {
    for (Method method : on.getClass().getMethods()) {
      if (method.getName().equals(name) && fits(method.getParameterTypes(), arguments)) {
        return method.invoke(on, arguments);
      }
    }
    throw new NoSuchMethodException(name);
  }

  private static boolean fits(Class<?>[] types, Object[] arguments) {
    if (types.length != arguments.length) {
      return false;
    }
    for (int i = 0; i < types.length; i++) {
      boolean number = types[i] == int.class && arguments[i] instanceof Integer;
      if (!number && !types[i].isInstance(arguments[i])) {
        return false;
      }
    }
    return true;
  }
}
