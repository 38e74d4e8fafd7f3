package org.isocentre.dicomweb;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.springframework.http.HttpStatus;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.util.MimeType;
import org.springframework.web.server.ResponseStatusException;

/**
 * What media types a client takes (PS3.18 §8.7, RFC 9110 §12.5.1): the header {@code Accept}, or
 * the query parameter {@code accept}, which comes before it.
 */
public final class Acceptable {
  private static final int MAX_LENGTH = 4096;
  private static final Pattern UNQUOTED =
      Pattern.compile("(;\\s*type=)([^\";,\\s]+)", Pattern.CASE_INSENSITIVE);
  private static final String TRANSFER_SYNTAX = "transfer-syntax";

  /**
   * What can be sent.
   *
   * @param transferSyntax or null where the media type has none
   * @param isDefault whether it is meant where a client names no transfer syntax
   */
  public record Form(String type, boolean multipart, String transferSyntax, boolean isDefault) {
    /** A single part whose media type has no transfer syntax. */
    public static Form of(String type) {
      return new Form(type, false, null, true);
    }

    /** Parts of a media type that has no transfer syntax. */
    public static Form parts(String type) {
      return new Form(type, true, null, true);
    }

    /** With its transfer syntax, where it has one. */
    public String contentType() {
      return transferSyntax == null ? type : type + "; transfer-syntax=" + transferSyntax;
    }
  }

  private record Range(MimeType type, boolean multipart, String syntax, double quality) {
    /** How precisely it speaks of a form; negative if it does not. */
    int precision(Form form) {
      if (!covers(form)) {
        return -1;
      }
      int kind = type.isWildcardType() ? 0 : type.isWildcardSubtype() ? 1 : 2;
      return 2 * kind + (syntax == null || syntax.equals("*") ? 0 : 1);
    }

    private boolean covers(Form form) {
      if (type.isWildcardType() && !multipart) {
        return takesSyntax(form);
      }
      return multipart == form.multipart()
          && type.includes(MimeType.valueOf(form.type()))
          && takesSyntax(form);
    }

    private boolean takesSyntax(Form form) {
      if (form.transferSyntax() == null || "*".equals(syntax)) {
        return true;
      }
      return syntax == null ? form.isDefault() : syntax.equals(form.transferSyntax());
    }
  }

  private final List<Range> ranges;
  private final String said;

  private Acceptable(List<Range> ranges, String said) {
    this.ranges = ranges;
    this.said = said;
  }

  /**
   * @param header or null
   * @param parameter or null
   * @throws ResponseStatusException 400 if one of them cannot be read
   */
  public static Acceptable of(String header, String parameter) {
    String text = parameter != null && !parameter.isBlank() ? parameter : header;
    if (text == null || text.isBlank()) {
      return new Acceptable(List.of(new Range(MediaType.ALL, false, null, 1)), "anything");
    }
    if (text.length() > MAX_LENGTH) {
      throw bad("longer than " + MAX_LENGTH);
    }
    List<Range> ranges = new ArrayList<>();
    try {
      for (MediaType type : MediaType.parseMediaTypes(quoted(text))) {
        ranges.add(range(type));
      }
    } catch (InvalidMediaTypeException e) {
      throw bad("no list of media types (RFC 9110 §12.5.1)");
    }
    return new Acceptable(ranges, text);
  }

  private static Range range(MediaType type) {
    String syntax = unquoted(type.getParameter(TRANSFER_SYNTAX));
    if (!type.getType().equals("multipart")) {
      return new Range(bare(type), false, syntax, type.getQualityValue());
    }
    String inner = unquoted(type.getParameter("type"));
    return new Range(
        inner == null ? MediaType.ALL : bare(MediaType.parseMediaType(inner)),
        true,
        syntax,
        type.getQualityValue());
  }

  /** Many clients write {@code type=image/jpeg}, whose slash needs quotation marks. */
  private static String quoted(String text) {
    return UNQUOTED.matcher(text).replaceAll("$1\"$2\"");
  }

  private static MimeType bare(MimeType type) {
    return new MimeType(type.getType(), type.getSubtype());
  }

  private static String unquoted(String value) {
    return value == null ? null : value.replace("\"", "").strip().toLowerCase(Locale.ROOT);
  }

  private static ResponseStatusException bad(String what) {
    return new ResponseStatusException(HttpStatus.BAD_REQUEST, "ISO-WADO-006: Accept is " + what);
  }

  /** 0 for what the client does not take. */
  double quality(Form form) {
    return ranges.stream()
        .filter(r -> r.precision(form) >= 0)
        .max(Comparator.comparingInt(r -> r.precision(form)))
        .map(Range::quality)
        .orElse(0.0);
  }

  /** The form that the client likes best; of those that it likes alike, the first. */
  public Optional<Form> best(List<Form> forms) {
    Form best = null;
    double most = 0;
    for (Form form : forms) {
      double quality = quality(form);
      if (quality > most) {
        best = form;
        most = quality;
      }
    }
    return Optional.ofNullable(best);
  }

  /**
   * @throws ResponseStatusException 406 that says what there is
   */
  public Form need(List<Form> forms) {
    return best(forms).orElseThrow(() -> none(forms));
  }

  static ResponseStatusException none(List<Form> forms) {
    return new ResponseStatusException(
        HttpStatus.NOT_ACCEPTABLE,
        "ISO-WADO-003: this can be sent as "
            + String.join(", ", forms.stream().map(Acceptable::text).distinct().toList())
            + "; Accept names none of these");
  }

  private static String text(Form form) {
    String syntax =
        form.transferSyntax() == null ? "" : "; transfer-syntax=" + form.transferSyntax();
    return form.multipart()
        ? "multipart/related; type=\"" + form.type() + "\"" + syntax
        : form.type() + syntax;
  }

  @Override
  public String toString() {
    return "Acceptable[" + said.length() + " characters]";
  }
}
