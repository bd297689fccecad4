package io.faultd.http;

import io.faultd.dispatch.Inventory;
import io.faultd.dispatch.TargetView;
import io.faultd.preparation.Preparation;
import io.faultd.preparation.Prepared;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonBuilderFactory;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonStructure;
import jakarta.json.JsonValue;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The JSON documents about JVMs: P, and what can be aimed at. */
final class PreparationDocuments {
  private static final JsonBuilderFactory MAKE = Documents.PROVIDER.createBuilderFactory(Map.of());

  private PreparationDocuments() {}

  /** P. */
  static JsonObject preparation(Preparation p) {
    return MAKE.createObjectBuilder()
        .add("uid", p.uid())
        .add("programType", p.programType())
        .add("process", p.process())
        .add("pid", Integer.toString(p.pid()))
        .add("port", p.port())
        .add("status", p.status().text())
        .add("error", p.error())
        .add("createTime", p.created().toString())
        .add("updateTime", p.updated().toString())
        .build();
  }

  static JsonValue preparations(List<Preparation> preparations) {
    JsonArrayBuilder list = MAKE.createArrayBuilder();
    preparations.forEach(each -> list.add(preparation(each)));
    return list.build();
  }

  /** R, the record, and what people should know. */
  static JsonObject withRecord(Prepared prepared) {
    Preparation record = prepared.preparation();
    JsonObjectBuilder answer =
        MAKE.createObjectBuilder()
            .add("response", Documents.success(Documents.text(record.uid())))
            .add("record", preparation(record));
    if (!prepared.warnings().isEmpty()) {
      answer.add("warnings", MAKE.createArrayBuilder(prepared.warnings()));
    }
    return answer.build();
  }

  /** What can be aimed at, and what could not be looked at. */
  static JsonStructure targets(Inventory.Seen seen) {
    JsonArrayBuilder list = MAKE.createArrayBuilder();
    for (TargetView each : seen.targets()) {
      JsonObjectBuilder properties = MAKE.createObjectBuilder();
      new TreeMap<>(each.properties()).forEach(properties::add);
      list.add(
          MAKE.createObjectBuilder()
              .add("kind", each.kind().name().toLowerCase(Locale.ROOT))
              .add("id", each.id())
              .add("name", each.name())
              .add("properties", properties));
    }
    return MAKE.createObjectBuilder()
        .add("targets", list)
        .add("warnings", MAKE.createArrayBuilder(seen.warnings()))
        .build();
  }
}
