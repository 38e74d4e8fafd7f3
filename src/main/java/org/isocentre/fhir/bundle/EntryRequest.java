package org.isocentre.fhir.bundle;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** One entry of a Bundle, as if it had come alone: with the caller's own credentials. */
final class EntryRequest extends HttpServletRequestWrapper {
  private final String method;
  private final String path;
  private final String query;
  private final byte[] body;
  private final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final Map<String, String[]> parameters = new LinkedHashMap<>();

  /**
   * @param url relative to the server's base, such as {@code Consent/1} or {@code Patient?_id=1}
   */
  EntryRequest(HttpServletRequest whole, String method, String url, byte[] body) {
    super(whole);
    this.method = method;
    String[] parts = url.split("\\?", 2);
    this.path = "/" + parts[0];
    this.query = parts.length > 1 ? parts[1] : null;
    this.body = body;
    headers.put("Accept", "application/fhir+json");
    if (body.length > 0) {
      headers.put("Content-Type", "application/fhir+json;charset=UTF-8");
    }
    for (String name : List.of("Authorization", "Host")) {
      if (whole.getHeader(name) != null) {
        headers.put(name, whole.getHeader(name));
      }
    }
    read(query);
  }

  EntryRequest with(String header, String value) {
    if (value != null && !value.isEmpty()) {
      headers.put(header, value);
    }
    return this;
  }

  private void read(String text) {
    for (String part : text == null ? new String[0] : text.split("&")) {
      if (!part.isEmpty()) {
        String[] pair = part.split("=", 2);
        List<String> values = new ArrayList<>();
        String name = decoded(pair[0]);
        Collections.addAll(values, parameters.getOrDefault(name, new String[0]));
        values.add(pair.length > 1 ? decoded(pair[1]) : "");
        parameters.put(name, values.toArray(String[]::new));
      }
    }
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  @Override
  public String getMethod() {
    return method;
  }

  @Override
  public String getPathInfo() {
    return path;
  }

  @Override
  public String getRequestURI() {
    return getContextPath() + getServletPath() + path;
  }

  @Override
  public StringBuffer getRequestURL() {
    String whole = super.getRequestURL().toString();
    String before = super.getRequestURI();
    return new StringBuffer(whole.substring(0, whole.length() - before.length()))
        .append(getRequestURI());
  }

  @Override
  public String getQueryString() {
    return query;
  }

  @Override
  public Map<String, String[]> getParameterMap() {
    return Collections.unmodifiableMap(parameters);
  }

  @Override
  public String getParameter(String name) {
    String[] values = parameters.get(name);
    return values == null ? null : values[0];
  }

  @Override
  public Enumeration<String> getParameterNames() {
    return Collections.enumeration(parameters.keySet());
  }

  @Override
  public String[] getParameterValues(String name) {
    return parameters.get(name);
  }

  @Override
  public String getHeader(String name) {
    return headers.get(name);
  }

  @Override
  public Enumeration<String> getHeaders(String name) {
    return headers.containsKey(name)
        ? Collections.enumeration(List.of(headers.get(name)))
        : Collections.emptyEnumeration();
  }

  @Override
  public Enumeration<String> getHeaderNames() {
    return Collections.enumeration(headers.keySet());
  }

  @Override
  public String getContentType() {
    return headers.get("Content-Type");
  }

  @Override
  public String getCharacterEncoding() {
    return "UTF-8";
  }

  @Override
  public int getContentLength() {
    return body.length;
  }

  @Override
  public long getContentLengthLong() {
    return body.length;
  }

  @Override
  public ServletInputStream getInputStream() {
    ByteArrayInputStream in = new ByteArrayInputStream(body);
    return new ServletInputStream() {
      @Override
      public int read() {
        return in.read();
      }

      @Override
      public int read(byte[] into, int from, int most) {
        return in.read(into, from, most);
      }

      @Override
      public boolean isFinished() {
        return in.available() == 0;
      }

      @Override
      public boolean isReady() {
        return true;
      }

      @Override
      public void setReadListener(ReadListener listener) {
        throw new UnsupportedOperationException(
            "entries are read at once, not " + method.toLowerCase(Locale.ROOT) + " by event");
      }
    };
  }

  @Override
  public BufferedReader getReader() {
    return new BufferedReader(new InputStreamReader(getInputStream(), StandardCharsets.UTF_8));
  }
}
