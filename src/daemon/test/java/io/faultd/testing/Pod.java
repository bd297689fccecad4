package io.faultd.testing;

import java.util.Map;

/**
 * A pod; closing takes it away with its containers.
 *
 * @param runtime whose
 * @param id by which the runtime knows it
 * @param name in the namespace default
 * @param config as it was ordered
 */
public record Pod(Containerd runtime, String id, String name, CriMessage config)
    implements AutoCloseable {

  /** Starts a container that runs a command. */
  public Container container(String name, String... command) {
    return container(new Wish(name, Map.of(), 0, 0), command);
  }

  /** Starts a container that runs a command. */
  public Container container(Wish wish, String... command) {
    CriMessage config =
        new CriMessage()
            .message(1, new CriMessage().text(1, wish.name()))
            .message(2, new CriMessage().text(1, wish.image()));
    for (String each : command) {
      config.text(3, each);
    }
    wish.volumes()
        .forEach((inside, host) ->
            config.message(7, new CriMessage().text(1, inside).text(2, host.toString())));
    config.entry(9, "app", wish.name());
    CriMessage resources =
        new CriMessage().number(1, 100_000).number(2, wish.quota()).number(4, wish.memory());
    CriMessage security = new CriMessage().message(3, new CriMessage().number(2, 1));
    if (wish.user() != 0) {
      security.message(5, new CriMessage().number(1, wish.user()));
    }
    security.number(7, wish.readOnly() ? 1 : 0);
    config.message(15, new CriMessage().message(1, resources).message(2, security));
    byte[] made =
        runtime.call(
            "CreateContainer",
            new CriMessage().text(1, id).message(2, config).message(3, this.config));
    String container = CriMessage.text(made, 1);
    runtime.call("StartContainer", new CriMessage().text(1, container));
    return new Container(runtime, container, wish.name(), pid(container));
  }

  private int pid(String container) {
    byte[] status =
        runtime.call("ContainerStatus", new CriMessage().text(1, container).number(2, 1));
    for (byte[] entry : CriMessage.fields(status, 2)) {
      String json = CriMessage.text(entry, 2);
      int at = json.indexOf("\"pid\":");
      if (at >= 0) {
        return Integer.parseInt(json.substring(at + 6).split("[,}]", 2)[0].strip());
      }
    }
    throw new IllegalStateException("no pid of " + container);
  }

  @Override
  public void close() {
    runtime.remove(id);
  }
}
