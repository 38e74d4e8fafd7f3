package org.isocentre.dicom.web;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A server of the tests that answers what it was told to, and remembers what it was asked. */
public final class WebServer implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService workers = Executors.newCachedThreadPool();
  private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
  public final List<Asked> asked = new CopyOnWriteArrayList<>();

  /** How one call is answered. */
  @FunctionalInterface
  public interface Answer {
    void to(HttpExchange exchange) throws IOException;

    /** A whole answer. */
    static Answer of(int status, String contentType, byte[] body) {
      return exchange -> {
        if (contentType != null) {
          exchange.getResponseHeaders().add("Content-Type", contentType);
        }
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
      };
    }
  }

  /** One call. */
  public record Asked(
      String method, String uri, String authorization, String accept, String type, byte[] body) {}

  public WebServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(workers);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            var headers = exchange.getRequestHeaders();
            asked.add(
                new Asked(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().toString(),
                    headers.getFirst("Authorization"),
                    headers.getFirst("Accept"),
                    headers.getFirst("Content-Type"),
                    exchange.getRequestBody().readAllBytes()));
            Answer answer = answers.poll();
            (answer == null ? Answer.of(500, null, new byte[0]) : answer).to(exchange);
          }
        });
    server.start();
  }

  /** The next call that has none yet is answered so. */
  public void answer(Answer answer) {
    answers.add(answer);
  }

  public URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
  }

  @Override
  public void close() {
    server.stop(0);
    workers.shutdownNow();
  }
}
