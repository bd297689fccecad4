package io.faultd;

import static io.faultd.Hostile.CONTINUATION;
import static io.faultd.Hostile.DATA;
import static io.faultd.Hostile.END_HEADERS;
import static io.faultd.Hostile.END_STREAM;
import static io.faultd.Hostile.HEADERS;
import static io.faultd.Hostile.PADDED;
import static io.faultd.Hostile.PING;
import static io.faultd.Hostile.PRIORITY;
import static io.faultd.Hostile.PUSH_PROMISE;
import static io.faultd.Hostile.RST_STREAM;
import static io.faultd.Hostile.SETTINGS;
import static io.faultd.Hostile.all;
import static io.faultd.Hostile.bytes;
import static io.faultd.Hostile.frame;
import static io.faultd.Hostile.indexed;
import static io.faultd.Hostile.post;
import static io.faultd.Hostile.times;

import java.io.IOException;

/** Attacks on the protocol; each ends its own connection, and nothing else. */
enum Attack {
  EMPTY_CONTINUATIONS {
    @Override
    boolean run(Hostile client) throws IOException {
      client.send(frame(HEADERS, 0, 1, bytes(0x83)));
      return client.flood(times(1_000, frame(CONTINUATION, 0, 1)), 100);
    }
  },
  LARGE_CONTINUATIONS {
    @Override
    boolean run(Hostile client) throws IOException {
      client.send(frame(HEADERS, 0, 1, bytes(0x83)));
      return client.flood(frame(CONTINUATION, 0, 1, new byte[16_000]), 100);
    }
  },
  A_HEADER_LARGER_THAN_THE_TABLE {
    @Override
    boolean run(Hostile client) throws IOException {
      client.send(request(1, indexed("x", "y".repeat(5_000))));
      return client.ended();
    }
  },
  A_HEADER_FOR_A_TABLE_OF_NOTHING {
    @Override
    boolean run(Hostile client) throws IOException {
      byte[] block = all(bytes(0x20), post(Besieged.HEALTH, "application/grpc"), indexed("x", "y"));
      client.send(frame(HEADERS, END_HEADERS | END_STREAM, 1, block));
      return client.ended();
    }
  },
  A_BYTE_FOR_EACH_OF_THOUSANDS_OF_HEADERS {
    @Override
    boolean run(Hostile client) throws IOException {
      client.send(request(1, indexed("x", "y".repeat(4_000)), times(7_000, bytes(0xbe))));
      return client.ended();
    }
  },
  HEADERS_THAT_ARE_NONE {
    @Override
    boolean run(Hostile client) throws IOException {
      client.send(frame(HEADERS, END_HEADERS, 1, times(300, bytes(0x7f, 0xff, 0xff))));
      return client.ended();
    }
  },
  PADDING_WITHOUT_ROOM {
    @Override
    boolean run(Hostile client) throws IOException {
      client.send(frame(HEADERS, END_HEADERS | PADDED, 1, bytes(200, 0x83)));
      return client.ended();
    }
  },
  PINGS {
    @Override
    boolean run(Hostile client) {
      return client.flood(times(100, frame(PING, 0, 0, new byte[8])), 1_000);
    }
  },
  SETTINGS_AGAIN_AND_AGAIN {
    @Override
    boolean run(Hostile client) {
      return client.flood(times(100, frame(SETTINGS, 0, 0, bytes(0, 4, 0, 0, 0, 0))), 1_000);
    }
  },
  PRIORITIES {
    @Override
    boolean run(Hostile client) {
      return client.flood(times(100, frame(PRIORITY, 0, 3, new byte[5])), 1_000);
    }
  },
  FRAMES_WITHOUT_A_NAME {
    @Override
    boolean run(Hostile client) {
      return client.flood(times(100, frame(77, 0, 0)), 1_000);
    }
  },
  RAPID_RESETS {
    @Override
    boolean run(Hostile client) {
      byte[][] resets = new byte[4_000][];
      for (int i = 0; i < resets.length; i += 2) {
        resets[i] = frame(HEADERS, END_HEADERS, i + 1, post(Besieged.HEALTH, "application/grpc"));
        resets[i + 1] = frame(RST_STREAM, 0, i + 1, bytes(0, 0, 0, 8));
      }
      return client.flood(all(resets), 1);
    }
  },
  EMPTY_DATA {
    @Override
    boolean run(Hostile client) throws IOException {
      client.send(frame(HEADERS, END_HEADERS, 1, post(Besieged.HEALTH, "application/grpc")));
      return client.flood(times(100, frame(DATA, 0, 1)), 1_000);
    }
  },
  DATA_BEFORE_HEADERS {
    @Override
    boolean run(Hostile client) throws IOException {
      client.send(frame(DATA, 0, 1, new byte[10]));
      return client.ended();
    }
  },
  CONTINUATION_OF_NOTHING {
    @Override
    boolean run(Hostile client) throws IOException {
      client.send(frame(CONTINUATION, END_HEADERS, 1, bytes(0x83)));
      return client.ended();
    }
  },
  A_REQUEST_WITHIN_HEADERS {
    @Override
    boolean run(Hostile client) throws IOException {
      client.send(frame(HEADERS, 0, 1, bytes(0x83)), request(3));
      return client.ended();
    }
  },
  A_STREAM_OF_OURS {
    @Override
    boolean run(Hostile client) throws IOException {
      client.send(request(2));
      return client.ended();
    }
  },
  A_PROMISE {
    @Override
    boolean run(Hostile client) throws IOException {
      client.send(frame(PUSH_PROMISE, END_HEADERS, 1, bytes(0, 0, 0, 2, 0x83)));
      return client.ended();
    }
  },
  A_FRAME_OF_SIXTEEN_MEBIBYTES {
    @Override
    boolean run(Hostile client) throws IOException {
      client.send(bytes(0xff, 0xff, 0xff, DATA, 0, 0, 0, 0, 1));
      return client.flood(new byte[16_000], 10);
    }
  },
  WITH_HALF_A_FRAME {
    @Override
    boolean run(Hostile client) throws IOException {
      client.send(bytes(0, 0, 9, HEADERS, 0));
      client.socket.shutdownOutput();
      return client.ended();
    }
  };

  abstract boolean run(Hostile client) throws IOException;

  static byte[] request(int stream, byte[]... more) {
    return frame(
        HEADERS,
        END_HEADERS | END_STREAM,
        stream,
        all(post(Besieged.HEALTH, "application/grpc"), all(more)));
  }
}
