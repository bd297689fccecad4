package io.faultd.grpc;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import io.faultd.fault.FaultException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Function;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/** Pages of lists: sizes, and tokens that belong to one set of filters. */
final class Pages {
  private static final int USUAL = 100;
  private static final int LARGEST = 1000;

  /** Bytes of records after which a page has no more: clients take messages of 4 MiB. */
  static final int MOST = 1 << 20;

  private Pages() {}

  /** How many records a page has. */
  static int size(int asked) {
    if (asked < 0) {
      throw FaultException.illegal("page_size", "must not be negative: " + asked);
    }
    return asked == 0 ? USUAL : Math.min(asked, LARGEST);
  }

  /** Tells one set of filters from another, in this daemon and the next. */
  static int filters(Message request) {
    byte[] bytes = new byte[request.getSerializedSize()];
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.useDeterministicSerialization(); // labels have no order
    try {
      request.writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // there is room
    }
    CRC32 sum = new CRC32();
    sum.update(bytes);
    return (int) sum.getValue();
  }

  /** The token of the page that begins behind something: its uid, or its number. */
  static String token(Object last, int filters) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString((last + ":" + filters).getBytes(StandardCharsets.US_ASCII));
  }

  /** The number behind which the page of a token begins; {@code first} for the first page. */
  static long place(String token, int filters, long first) {
    String last = last(token, filters);
    try {
      long place = last == null ? first : Long.parseLong(last);
      if (place >= 0) {
        return place;
      }
    } catch (NumberFormatException e) {
      // not one of ours: refused below
    }
    throw foreign();
  }

  /** What the page of a token begins behind; absent for the first page, which has none. */
  static @Nullable String last(String token, int filters) {
    if (token.isEmpty()) {
      return null;
    }
    try {
      String text = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.US_ASCII);
      int colon = text.indexOf(':');
      if (colon > 0 && Integer.parseInt(text.substring(colon + 1)) == filters) {
        return text.substring(0, colon);
      }
    } catch (IllegalArgumentException e) {
      // not one of ours: refused below
    }
    throw foreign();
  }

  /**
   * Refuses the token of a record that is not there any more: what comes behind it is not known.
   * Asked after the list was, so that it was there meanwhile.
   */
  static void check(@Nullable String last, Function<String, Optional<?>> records) {
    if (last != null && records.apply(last).isEmpty()) {
      throw foreign();
    }
  }

  private static FaultException foreign() {
    return FaultException.illegal(
        "page_token",
        "must be next_page_token of a list with the same filters, whose last record is still"
            + " there");
  }
}
