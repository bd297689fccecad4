package io.faultd.agent.library.servlet;

import io.faultd.agent.core.Action;
import io.faultd.agent.core.Actions;
import io.faultd.agent.core.Aim;
import io.faultd.agent.core.Calls;
import io.faultd.agent.core.Condition;
import io.faultd.agent.core.Flags;
import io.faultd.agent.core.Library;
import io.faultd.agent.core.Load;
import io.faultd.agent.core.Matchers;
import io.faultd.agent.core.Pointcut;
import io.faultd.agent.core.Refusal;
import io.faultd.agent.core.Rest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Requests to servlets: {@code HttpServlet.service(ServletRequest, ServletResponse)}, through which
 * a container calls every HTTP servlet, in the packages of both Java EE and Jakarta EE.
 */
public final class Servlet implements Library {
  private static final List<String> CLASSES =
      Arrays.asList("javax/servlet/http/HttpServlet", "jakarta/servlet/http/HttpServlet");
  private static final List<String> PARAMETERS =
      Arrays.asList("Ljavax/servlet/ServletRequest;", "Ljakarta/servlet/ServletRequest;");

  private final Calls method = new Calls("getMethod");
  private final Calls uri = new Calls("getRequestURI");
  private final Calls context = new Calls("getContextPath");
  private final Calls query = new Calls("getQueryString");

  /** Made once. */
  public Servlet() {}

  @Override
  public String target() {
    return "servlet";
  }

  @Override
  public Aim aim(Flags flags) throws Refusal {
    List<Condition> all = new ArrayList<>();
    String wanted = flags.take("querystring");
    if (wanted != null) {
      all.add(new QueryString(wanted, query));
    }
    String pattern = flags.take("querystring-regex-pattern");
    if (pattern != null) {
      all.add(QueryPattern.of("querystring-regex-pattern", pattern, query));
    }
    String parameters = flags.take("b-params");
    if (parameters != null) {
      all.add(BusinessParameters.read(parameters));
    }
    Condition others = matchers().take(flags);
    if (others != null) {
      all.add(others);
    }
    return Aim.at(
        Pointcut.of(CLASSES, "service").taking(PARAMETERS).looking(Arrays.asList(0, 1)),
        Matchers.all(all));
  }

  private Matchers matchers() {
    return new Matchers()
        .equal("method", new Method())
        .equal("requestpath", new Uri(), new Path())
        .pattern("requestpath", new Uri(), new Path());
  }

  @Override
  public Action action(String name, Flags flags) throws Refusal {
    return name.equals("modifyCode") ? new ModifyCode(flags) : Actions.common(name, flags);
  }

  @Override
  public @Nullable Load load(String name, Flags flags) {
    return null;
  }

  private final class Method implements Matchers.Reading {
    @Override
    public @Nullable String of(@Nullable Object request, @Nullable Object response)
        throws Exception {
      return request == null ? null : method.text(request);
    }
  }

  private final class Uri implements Matchers.Reading {
    @Override
    public @Nullable String of(@Nullable Object request, @Nullable Object response)
        throws Exception {
      return request == null ? null : uri.text(request);
    }
  }

  /** Without the path of the web application. */
  private final class Path implements Matchers.Reading {
    @Override
    public @Nullable String of(@Nullable Object request, @Nullable Object response)
        throws Exception {
      return request == null ? null : uri.text(request).substring(context.text(request).length());
    }
  }

  /** Answers with a status, and nothing else. */
  private static final class ModifyCode extends Action {
    private static final int LOWEST = 100;
    private static final int HIGHEST = 599;

    private final Calls setStatus = new Calls("setStatus", int.class);
    private final int code;

    ModifyCode(Flags flags) throws Refusal {
      code = (int) flags.needNumber("code", LOWEST, HIGHEST);
    }

    @Override
    public boolean skips() {
      return true;
    }

    @Override
    public void strike(Rest rest, @Nullable Object request, @Nullable Object response)
        throws Exception {
      if (response != null) {
        setStatus.on(response, code);
      }
    }
  }
}
