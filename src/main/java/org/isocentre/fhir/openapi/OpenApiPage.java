package org.isocentre.fhir.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.text.StringEscapeUtils;

/** An OpenAPI document as a page for people, which needs nothing else to be shown. */
final class OpenApiPage {
  private static final String HEAD =
      """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>%1$s</title>
      <style>
      body { margin: 0 auto; max-width: 60rem; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif; color: #212b32; }
      h1 { font-size: 1.8rem; } h2 { margin-top: 2rem; border-bottom: 2px solid #005eb8; }
      nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem; }
      a { color: #005eb8; }
      details { margin: .25rem 0; border: 1px solid #d8dde0; border-radius: 4px; }
      summary { padding: .4rem .75rem; cursor: pointer; overflow-wrap: anywhere; }
      summary b { display: inline-block; min-width: 4.5rem; color: #005eb8; }
      summary span { color: #4c6272; }
      details > div { padding: 0 .75rem .75rem; overflow-x: auto; }
      table { border-collapse: collapse; width: 100%%; }
      th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #d8dde0; }
      code { overflow-wrap: anywhere; }
      </style>
      </head>
      <body>
      <h1>%1$s</h1>
      <p>%2$s</p>
      <p>Base: <code>%3$s</code>. For programs: the same address with <code>Accept: application/json</code> (OpenAPI 3.0).</p>
      """;

  private final StringBuilder html = new StringBuilder();

  private OpenApiPage() {}

  static String of(JsonNode api) {
    OpenApiPage page = new OpenApiPage();
    JsonNode info = api.path("info");
    page.html.append(
        HEAD.formatted(
            text(info.path("title").asText() + " " + info.path("version").asText()),
            text(info.path("description").asText()),
            text(api.at("/servers/0/url").asText())));
    page.calls(api);
    return page.html.append("</body>\n</html>\n").toString();
  }

  private record Call(String path, String method, JsonNode what) {}

  private void calls(JsonNode api) {
    Map<String, List<Call>> byTag = new LinkedHashMap<>();
    api.path("tags").forEach(tag -> byTag.put(tag.path("name").asText(), new ArrayList<>()));
    api.path("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .properties()
                    .forEach(
                        call ->
                            byTag
                                .get(call.getValue().at("/tags/0").asText())
                                .add(new Call(path.getKey(), call.getKey(), call.getValue()))));
    html.append("<nav>");
    byTag.keySet().forEach(tag -> html.append("<a href=\"#%1$s\">%1$s</a> ".formatted(text(tag))));
    html.append("</nav>\n");
    for (JsonNode tag : api.path("tags")) {
      String name = tag.path("name").asText();
      html.append("<h2 id=\"%1$s\">%1$s</h2>\n".formatted(text(name)));
      if (tag.has("description")) {
        html.append("<p>%s</p>\n".formatted(text(tag.path("description").asText())));
      }
      byTag.get(name).forEach(this::call);
    }
  }

  private void call(Call call) {
    html.append(
        "<details><summary><b>%s</b><code>%s</code> <span>%s</span></summary><div>\n"
            .formatted(
                text(call.method().toUpperCase(Locale.ROOT)),
                text(call.path()),
                text(call.what().path("summary").asText())));
    String body = call.what().at("/requestBody/description").asText();
    if (!body.isEmpty()) {
      html.append("<p>%s</p>\n".formatted(text(body)));
    }
    if (!call.what().path("parameters").isEmpty()) {
      html.append("<table><tr><th>Parameter</th><th>In</th><th>What</th></tr>\n");
      call.what().path("parameters").forEach(this::parameter);
      html.append("</table>\n");
    }
    html.append("<table><tr><th>Status</th><th>What</th></tr>\n");
    call.what()
        .path("responses")
        .properties()
        .forEach(
            r ->
                html.append(
                    "<tr><td>%s</td><td>%s</td></tr>\n"
                        .formatted(
                            text(r.getKey()), text(r.getValue().path("description").asText()))));
    html.append("</table></div></details>\n");
  }

  private void parameter(JsonNode p) {
    List<String> values = new ArrayList<>();
    p.at("/schema/enum").forEach(v -> values.add("<code>" + text(v.asText()) + "</code>"));
    html.append(
        "<tr><td><code>%s</code>%s</td><td>%s</td><td>%s%s</td></tr>\n"
            .formatted(
                text(p.path("name").asText()),
                p.path("required").asBoolean() ? " (required)" : "",
                text(p.path("in").asText()),
                text(p.path("description").asText()),
                values.isEmpty() ? "" : ": " + String.join(" ", values)));
  }

  private static String text(String any) {
    return StringEscapeUtils.escapeHtml4(any);
  }
}
