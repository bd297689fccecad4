package io.faultd.grpc;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import io.faultd.fault.FaultException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.zip.CRC32;

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

  /** The token of the page that begins at a place: an offset, or behind a number. */
  static String token(long place, int filters) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString((place + ":" + filters).getBytes(StandardCharsets.US_ASCII));
  }

  /** Where the page of a token begins; 0 for the first one, which has none. */
  static int offset(String token, int filters) {
    long place = place(token, filters, 0);
    if (place > Integer.MAX_VALUE) {
      throw foreign();
    }
    return (int) place;
  }

  /** The place of a token; {@code first} for the first page, which has none. */
  static long place(String token, int filters, long first) {
    if (token.isEmpty()) {
      return first;
    }
    try {
      String text = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.US_ASCII);
      int colon = text.indexOf(':');
      long place = Long.parseLong(text.substring(0, Math.max(colon, 0)));
      if (place >= 0 && Integer.parseInt(text.substring(colon + 1)) == filters) {
        return place;
      }
    } catch (IllegalArgumentException e) {
      // not one of ours: refused below
    }
    throw foreign();
  }

  private static FaultException foreign() {
    return FaultException.illegal(
        "page_token", "must be next_page_token of a list with the same filters");
  }
}
