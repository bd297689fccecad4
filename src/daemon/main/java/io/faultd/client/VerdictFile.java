package io.faultd.client;

import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObjectBuilder;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** A verdict as other programs read it. */
final class VerdictFile {
  private VerdictFile() {}

  /**
   * Makes an empty file of it, so that one of an earlier run is not taken for that of this one.
   *
   * <p>It is not kept open: what runs may put another folder there.
   *
   * @throws IOException if it cannot be written
   */
  static void empty(Path file) throws IOException {
    if (Files.isDirectory(file) || Files.exists(file) && !Files.isWritable(file)) {
      throw new IOException(file + ": it is a folder, or may not be written");
    }
    // to open and close a pipe would be its end to who reads it
    if (Files.isRegularFile(file) || Files.notExists(file)) {
      Files.write(file, new byte[0]);
    }
  }

  /** Writes it: to a file that is there before or not, or to what is written to like one. */
  static void write(Verdict verdict, Path file, boolean junit) throws IOException {
    String text = (junit ? junit(verdict) : json(verdict)) + "\n";
    Files.write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  /** One JSON document. */
  static String json(Verdict verdict) {
    JsonArrayBuilder command = Rest.JSON.createArrayBuilder();
    verdict.command().forEach(command::add);
    JsonObjectBuilder document =
        Rest.JSON
            .createObjectBuilder()
            .add("result", verdict.result())
            .add("exitCode", verdict.exitCode())
            .add("uid", verdict.order().uid())
            .add("order", verdict.order().document())
            .add("command", command);
    if (verdict.code() != null) {
      document.add("commandExitCode", verdict.code());
    }
    if (verdict.signal() != null) {
      document.add("signal", verdict.signal());
    }
    if (!verdict.error().isEmpty()) {
      document.add("error", verdict.error());
    }
    return document
        .add("begun", verdict.begun().truncatedTo(ChronoUnit.MILLIS).toString())
        .add("injectSeconds", seconds(verdict.injecting()))
        .add("commandSeconds", seconds(verdict.running()))
        .add("undoSeconds", seconds(verdict.undoing()))
        .add("undone", verdict.undone())
        .add("effect", Records.object(verdict.first(), "effect"))
        .add("effectAtEnd", Records.object(verdict.record(), "effect"))
        .build()
        .toString();
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }

  /** A test suite of three: the fault is in place, the command, the fault is taken back. */
  static String junit(Verdict verdict) {
    StringWriter text = new StringWriter();
    try {
      XMLStreamWriter xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
      xml.writeStartDocument("UTF-8", "1.0");
      xml.writeStartElement("testsuites");
      xml.writeStartElement("testsuite");
      List<Case> cases = cases(verdict);
      suite(verdict, cases, xml);
      for (Case each : cases) {
        each.write(verdict.order(), xml);
      }
      xml.writeEndElement();
      xml.writeEndElement();
      xml.writeEndDocument();
      return text.toString();
    } catch (XMLStreamException e) {
      throw new IllegalStateException("text is written to memory", e);
    }
  }

  private static void suite(Verdict verdict, List<Case> cases, XMLStreamWriter xml)
      throws XMLStreamException {
    attribute(xml, "name", "faultd run " + verdict.order().name());
    attribute(xml, "tests", Integer.toString(cases.size()));
    for (Kind kind : List.of(Kind.FAILURE, Kind.ERROR, Kind.SKIPPED)) {
      long count = cases.stream().filter(each -> each.kind() == kind).count();
      attribute(xml, kind.counter, Long.toString(count));
    }
    attribute(xml, "timestamp", verdict.begun().truncatedTo(ChronoUnit.SECONDS).toString());
    Duration all = verdict.injecting().plus(verdict.running()).plus(verdict.undoing());
    attribute(xml, "time", Double.toString(seconds(all)));
    xml.writeStartElement("properties");
    property(xml, "uid", verdict.order().uid());
    property(xml, "flags", Records.flags(verdict.order().document()));
    property(xml, "effect", Records.effect(verdict.first()));
    property(xml, "effectAtEnd", Records.effect(verdict.record()));
    property(xml, "result", verdict.result());
    property(xml, "exitCode", Integer.toString(verdict.exitCode()));
    xml.writeEndElement();
  }

  private static List<Case> cases(Verdict verdict) {
    boolean left = verdict.made() && !verdict.undone();
    // what could not be taken back was in place all the same
    boolean inPlace =
        Records.settled(verdict.first())
            && Records.inPlace(verdict.record())
            && (verdict.outcome() == Outcome.OK || left);
    String why = verdict.error().isEmpty() ? before(verdict, "it was in place") : verdict.error();
    Case injected =
        new Case("is in place", verdict.injecting(), inPlace ? Kind.PASSED : Kind.ERROR, why);
    Case undone =
        new Case(
            "is taken back",
            verdict.undoing(),
            left ? Kind.ERROR : verdict.undone() ? Kind.PASSED : Kind.SKIPPED,
            left ? verdict.error() : "there was nothing to take back");
    return List.of(injected, command(verdict), undone);
  }

  private static Case command(Verdict verdict) {
    String name = String.join(" ", verdict.command());
    Integer code = verdict.code();
    if (code == null) {
      return verdict.signal() == null
          ? new Case(name, Duration.ZERO, Kind.SKIPPED, "it was not run")
          : new Case(name, Duration.ZERO, Kind.ERROR, before(verdict, "it was run"));
    }
    boolean passed = code == 0 && verdict.signal() == null;
    String signal = verdict.signal() == null ? "" : " after SIG" + verdict.signal();
    return new Case(
        name,
        verdict.running(),
        passed ? Kind.PASSED : Kind.FAILURE,
        "it ended with " + code + signal);
  }

  private static String before(Verdict verdict, String what) {
    return "SIG" + verdict.signal() + " came before " + what;
  }

  private static void property(XMLStreamWriter xml, String name, String value)
      throws XMLStreamException {
    xml.writeEmptyElement("property");
    attribute(xml, "name", "faultd." + name);
    attribute(xml, "value", value);
  }

  /** Without what XML 1.0 has no way to write. */
  private static void attribute(XMLStreamWriter xml, String name, String value)
      throws XMLStreamException {
    xml.writeAttribute(name, Visible.text(value).replaceAll("[\\ufffe\\uffff]", " "));
  }

  private enum Kind {
    PASSED("passed"),
    FAILURE("failures"),
    ERROR("errors"),
    SKIPPED("skipped");

    private final String counter;

    Kind(String counter) {
      this.counter = counter;
    }
  }

  /** A test case; the message says why it is not passed. */
  private record Case(String name, Duration time, Kind kind, String message) {
    private void write(Order order, XMLStreamWriter xml) throws XMLStreamException {
      xml.writeStartElement("testcase");
      attribute(xml, "classname", "faultd." + order.name().replace(' ', '.'));
      attribute(xml, "name", name);
      attribute(xml, "time", Double.toString(seconds(time)));
      if (kind != Kind.PASSED) {
        xml.writeEmptyElement(kind.name().toLowerCase(Locale.ROOT));
        attribute(xml, "message", message);
      }
      xml.writeEndElement();
    }
  }
}
