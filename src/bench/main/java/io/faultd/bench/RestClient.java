package io.faultd.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;

/** A connection over HTTP/1.1, kept alive. */
final class RestClient implements Client {
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final String base;

  RestClient(int port) {
    this.base = "http://127.0.0.1:" + port + "/api/v1/";
  }

  @Override
  public String create(String file) throws IOException, InterruptedException {
    return create("file", "chmod", "{\"filepath\":\"%s\",\"mark\":\"000\"}".formatted(file));
  }

  /** Makes any experiment; its uid. */
  String create(String target, String action, String flags)
      throws IOException, InterruptedException {
    String body =
        "{\"target\":\"%s\",\"action\":\"%s\",\"flags\":%s}".formatted(target, action, flags);
    String location =
        sent(request("experiments").POST(BodyPublishers.ofString(body)), 201)
            .headers()
            .firstValue("Location")
            .orElseThrow();
    return location.substring(location.lastIndexOf('/') + 1);
  }

  @Override
  public void destroy(String uid) throws IOException, InterruptedException {
    sent(request("experiments/" + uid).DELETE(), 200);
  }

  @Override
  public void status(String uid) throws IOException, InterruptedException {
    sent(request("status?uid=" + uid).GET(), 200);
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(base + path))
        .header("Content-Type", "application/json");
  }

  private HttpResponse<String> sent(HttpRequest.Builder request, int wanted)
      throws IOException, InterruptedException {
    HttpResponse<String> answer =
        client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != wanted) {
      throw new IOException(answer.statusCode() + ": " + answer.body());
    }
    return answer;
  }

  @Override
  public void close() {
    client.close();
  }
}
