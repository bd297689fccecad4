package io.faultd;

import io.faultd.spec.Units;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** One key of the settings: its name and what its value may be. */
enum Setting {
  HTTP_HOST("server.http.host", Form.TEXT),
  HTTP_PORT("server.http.port", Form.PORT),
  GRPC_HOST("server.grpc.host", Form.TEXT),
  GRPC_PORT("server.grpc.port", Form.PORT),
  SOCKET("server.socket", Form.TEXT),
  HOSTS("server.hosts", Form.LIST),
  CONNECTIONS("server.connections", Form.COUNT),
  LOGIN_TIMEOUT("server.login-timeout", Form.DURATION),
  BODY_TIMEOUT("server.body-timeout", Form.DURATION),
  IDLE_TIMEOUT("server.idle-timeout", Form.DURATION),
  TLS_CERTIFICATE("server.tls.certificate", Form.TEXT),
  TLS_KEY("server.tls.key", Form.TEXT),
  TLS_CLIENT_CA("server.tls.client-ca", Form.TEXT),
  TLS_CLIENT_AUTH("server.tls.client-auth", Form.CLIENT_AUTH),
  TOKEN("security.token", Form.TEXT),
  TOKEN_FILE("security.token-file", Form.TEXT),
  TOKENS_FILE("security.tokens-file", Form.TEXT),
  DATA_DIR("data.dir", Form.TEXT),
  DATA_EPHEMERAL("data.ephemeral", Form.SWITCH),
  NODE_LOCK("node.lock", Form.TEXT),
  NODE_NAME("node.name", Form.TEXT),
  CRI_ENDPOINTS("cri.endpoints", Form.LIST),
  SPECS_DIR("specs.dir", Form.TEXT),
  RECOVERY("recovery", Form.RECOVERY),
  INJECT_LIMIT("inject.limit", Form.DURATION),
  LIMITS_EXPERIMENTS("limits.experiments", Form.COUNT),
  TIMEOUT_MAX("timeout.max", Form.DURATION),
  TIMEOUT_REQUIRED("timeout.required", Form.SWITCH),
  CALLBACKS_ALLOW("callbacks.allow", Form.LIST),
  NETWORK_PROTECT("network.protect", Form.LIST),
  RETENTION("retention", Form.DURATION);

  /** All keys, for messages. */
  static final List<String> KEYS = Arrays.stream(values()).map(Setting::key).toList();

  private static final Pattern ITEM = Pattern.compile("\\.\\d+$");

  private final String key;
  private final Form form;

  Setting(String key, Form form) {
    this.key = key;
    this.form = form;
  }

  String key() {
    return key;
  }

  boolean list() {
    return form == Form.LIST;
  }

  /** The environment variable that sets it. */
  String variable() {
    return "FAULTD_" + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  /** The setting of that key, or of that item of its list. */
  static Optional<Setting> of(String key) {
    return Arrays.stream(values())
        .filter(setting ->
            setting.key.equals(key)
                || setting.list() && setting.key.equals(ITEM.matcher(key).replaceFirst("")))
        .findFirst();
  }

  /** What is wrong with a value; nothing if it is right. */
  Optional<String> fault(String value) {
    boolean right =
        switch (form) {
          case TEXT -> !value.isBlank();
          case LIST -> true;
          case SWITCH -> value.equals("true") || value.equals("false");
          case PORT -> value.matches("\\d{1,5}") && Integer.parseInt(value) <= 65_535;
          case COUNT -> value.matches("[1-9]\\d{0,8}");
          case CLIENT_AUTH -> value.equals("required") || value.equals("optional");
          case RECOVERY -> value.equals("rollback") || value.equals("resume");
          case DURATION -> duration(value);
        };
    return right ? Optional.empty() : Optional.of("must be " + form.right);
  }

  private static boolean duration(String value) {
    try {
      return !Units.seconds(value).isZero();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private enum Form {
    TEXT("a text that is not empty"),
    PORT("a number from 0 to 65535"),
    SWITCH("true or false"),
    DURATION("a time span above 0, such as 30s, 1m30s or a number of seconds"),
    COUNT("a number from 1"),
    LIST("a list, or text separated by commas"),
    CLIENT_AUTH("required or optional"),
    RECOVERY("rollback or resume");

    private final String right;

    Form(String right) {
      this.right = right;
    }
  }
}
