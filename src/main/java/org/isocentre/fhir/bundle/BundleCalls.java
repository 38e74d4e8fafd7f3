package org.isocentre.fhir.bundle;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.parser.DataFormatException;
import ca.uhn.fhir.parser.IParser;
import ca.uhn.fhir.parser.StrictErrorHandler;
import ca.uhn.fhir.rest.api.RequestTypeEnum;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.hl7.fhir.r4.model.Binary;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Bundle.BundleEntryComponent;
import org.hl7.fhir.r4.model.Bundle.BundleEntryRequestComponent;
import org.hl7.fhir.r4.model.Bundle.BundleType;
import org.hl7.fhir.r4.model.Bundle.HTTPVerb;
import org.hl7.fhir.r4.model.OperationOutcome;
import org.hl7.fhir.r4.model.OperationOutcome.IssueSeverity;
import org.hl7.fhir.r4.model.OperationOutcome.IssueType;
import org.hl7.fhir.r4.model.Resource;
import org.springframework.http.HttpStatus;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Bundles of calls (R4 §3.1.0.11). Each entry is the same call as if it had come alone: the same
 * token, the same checks, the same rows of the audit trail. In a transaction all of them hold or
 * none.
 */
public final class BundleCalls {
  /** In a transaction, in this order (R4 §3.1.0.11.2). */
  private static final List<HTTPVerb> ORDER =
      List.of(
          HTTPVerb.DELETE,
          HTTPVerb.POST,
          HTTPVerb.PUT,
          HTTPVerb.PATCH,
          HTTPVerb.GET,
          HTTPVerb.HEAD);

  /** What can be undone; another one's effects leave the database. */
  private static final Set<String> IN_TRANSACTIONS =
      Set.of("Consent", "Endpoint", "Organization", "ServiceRequest", "Subscription");

  /** How many times as much as is taken may be answered. */
  private static final int ANSWER = 10;

  private final Server server;
  private final TransactionOperations transactions;
  private final Consumer<String> undone;
  private final int maxEntries;
  private final long maxBytes;

  /** Answers one call. */
  @FunctionalInterface
  public interface Server {
    void answer(RequestTypeEnum type, HttpServletRequest request, HttpServletResponse response)
        throws ServletException, IOException;
  }

  /**
   * @param undone told why a transaction was not done, after all of it was taken back
   * @param maxEntries of one Bundle
   * @param maxBytes of one Bundle
   */
  public BundleCalls(
      Server server,
      TransactionOperations transactions,
      Consumer<String> undone,
      int maxEntries,
      long maxBytes) {
    this.undone = undone;
    this.server = server;
    this.transactions = transactions;
    this.maxEntries = maxEntries;
    this.maxBytes = maxBytes;
  }

  /** A Bundle, or part of it, that cannot be done. */
  private static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    final int status;
    final transient OperationOutcome outcome;

    Refused(int status, OperationOutcome outcome) {
      super("ISO-FHIR-070: a Bundle was answered " + status, null, false, false);
      this.status = status;
      this.outcome = outcome;
    }

    Refused(int status, String text) {
      this(status, outcome(text));
    }
  }

  private static OperationOutcome outcome(String text) {
    OperationOutcome outcome = new OperationOutcome();
    outcome
        .addIssue()
        .setSeverity(IssueSeverity.ERROR)
        .setCode(IssueType.PROCESSING)
        .setDiagnostics(text);
    return outcome;
  }

  /**
   * What this server answers to a GET by the same caller, as FHIR JSON.
   *
   * @param url relative to the server's base
   */
  public byte[] get(String url, HttpServletRequest request, HttpServletResponse response) {
    return answer(HTTPVerb.GET, new EntryRequest(request, "GET", url, new byte[0]), response)
        .body();
  }

  private EntryResponse answer(HTTPVerb verb, EntryRequest one, HttpServletResponse response) {
    EntryResponse got = new EntryResponse(response);
    try {
      server.answer(RequestTypeEnum.valueOf(verb.toCode()), one, got);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ServletException e) {
      throw new IllegalStateException(e);
    }
    return got;
  }

  /** Answers a Bundle that was posted to the server's base. */
  public void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
    boolean xml = String.valueOf(request.getContentType()).contains("xml");
    Resource answer;
    int status = HttpStatus.OK.value();
    try {
      Bundle bundle = read(request, xml);
      answer =
          bundle.getType() == BundleType.TRANSACTION
              ? transaction(bundle, request, response)
              : calls(bundle, request, response, false);
    } catch (Refused e) {
      status = e.status;
      answer = e.outcome;
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    response.setStatus(status);
    response.setContentType(
        (xml ? "application/fhir+xml" : "application/fhir+json") + ";charset=UTF-8");
    response
        .getOutputStream()
        .write(parser(xml).encodeResourceToString(answer).getBytes(StandardCharsets.UTF_8));
  }

  private Bundle transaction(
      Bundle bundle, HttpServletRequest request, HttpServletResponse response) {
    try {
      return transactions.execute(t -> calls(bundle, request, response, true));
    } catch (Refused e) {
      // What its entries noted was taken back with it.
      undone.accept("nothing was done: an entry was answered " + e.status);
      throw e;
    }
  }

  private static IParser parser(boolean xml) {
    FhirContext fhir = FhirContext.forR4Cached();
    return xml ? fhir.newXmlParser() : fhir.newJsonParser();
  }

  private Bundle read(HttpServletRequest request, boolean xml) throws IOException {
    byte[] body = request.getInputStream().readNBytes((int) Math.min(maxBytes + 1, 1 << 30));
    if (body.length > maxBytes) {
      throw new Refused(413, "ISO-FHIR-071: a Bundle has at most " + maxBytes + " bytes");
    }
    Bundle bundle;
    try {
      // An element that R4 does not have must not be lost silently.
      bundle =
          parser(xml)
              .setParserErrorHandler(new StrictErrorHandler())
              .parseResource(Bundle.class, new String(body, StandardCharsets.UTF_8));
    } catch (DataFormatException e) {
      throw new Refused(
          400, "ISO-FHIR-072: no Bundle of R4: an element or a value of it is not known");
    }
    if (bundle.getType() != BundleType.BATCH && bundle.getType() != BundleType.TRANSACTION) {
      throw new Refused(400, "ISO-FHIR-072: Bundle.type must be batch or transaction");
    }
    if (bundle.getEntry().size() > maxEntries) {
      throw new Refused(413, "ISO-FHIR-071: a Bundle has at most " + maxEntries + " entries");
    }
    return bundle;
  }

  private Bundle calls(
      Bundle bundle, HttpServletRequest request, HttpServletResponse response, boolean all) {
    List<BundleEntryComponent> entries = bundle.getEntry();
    Map<Integer, BundleEntryComponent> answers = new HashMap<>();
    Map<String, String> made = new LinkedHashMap<>();
    AtomicLong answered = new AtomicLong();
    IntStream.range(0, entries.size())
        .boxed()
        .sorted(
            java.util.Comparator.comparingInt(
                i -> all ? ORDER.indexOf(entries.get(i).getRequest().getMethod()) : 0))
        .forEachOrdered(
            i -> {
              BundleEntryComponent answer;
              try {
                answer = call(entries.get(i), made, all, answered, request, response);
              } catch (Refused e) {
                answer = new BundleEntryComponent();
                answer.getResponse().setStatus(status(e.status)).setOutcome(e.outcome);
              }
              if (all) {
                whole(i, answer, made, entries.get(i));
              }
              answers.put(i, answer);
            });
    Bundle answer =
        new Bundle().setType(all ? BundleType.TRANSACTIONRESPONSE : BundleType.BATCHRESPONSE);
    IntStream.range(0, entries.size()).forEach(i -> answer.addEntry(answers.get(i)));
    return answer;
  }

  /** In a transaction one that fails is the end of all; what it made has an address now. */
  private static void whole(
      int number,
      BundleEntryComponent answer,
      Map<String, String> made,
      BundleEntryComponent entry) {
    int status = Integer.parseInt(answer.getResponse().getStatus().substring(0, 3));
    if (status >= 400) {
      OperationOutcome outcome =
          answer.getResponse().getOutcome() instanceof OperationOutcome o ? o : outcome("");
      outcome
          .getIssueFirstRep()
          .setDiagnostics(
              "ISO-FHIR-073: nothing of the transaction was done: entry "
                  + number
                  + ": "
                  + outcome.getIssueFirstRep().getDiagnostics());
      throw new Refused(status, outcome);
    }
    String location = answer.getResponse().getLocation();
    if (entry.hasFullUrl() && location != null) {
      made.put(entry.getFullUrl(), location.replaceAll("/_history/.*$", ""));
    }
  }

  private BundleEntryComponent call(
      BundleEntryComponent entry,
      Map<String, String> made,
      boolean all,
      AtomicLong answered,
      HttpServletRequest request,
      HttpServletResponse response) {
    BundleEntryRequestComponent asked = entry.getRequest();
    HTTPVerb verb = asked.getMethod();
    if (verb == null || verb == HTTPVerb.NULL) {
      throw new Refused(400, "ISO-FHIR-072: entry.request.method is missing");
    }
    String url = url(asked, verb, all);
    if (answered.get() > maxBytes * ANSWER) {
      throw new Refused(
          413,
          "ISO-FHIR-071: the entries before this one have answers of more than %d bytes; ask for it by itself"
              .formatted(maxBytes * ANSWER));
    }
    EntryRequest one =
        new EntryRequest(request, verb.toCode(), url, body(entry, verb, made))
            .with("If-Match", asked.getIfMatch())
            .with("If-None-Match", asked.getIfNoneMatch())
            .with("If-None-Exist", asked.getIfNoneExist());
    if (verb == HTTPVerb.PATCH) {
      one.with("Content-Type", "application/json-patch+json");
    }
    EntryResponse got = answer(verb, one, response);
    answered.addAndGet(got.body().length);
    return answer(got, request);
  }

  private static String url(BundleEntryRequestComponent asked, HTTPVerb verb, boolean all) {
    String url = asked.getUrl() == null ? "" : asked.getUrl();
    String type = url.split("[/?]", 2)[0];
    if (!url.matches("[A-Za-z$][A-Za-z0-9/$_.-]{0,200}([?][!-~]{0,4000})?")
        || url.contains("..")
        || url.contains("#")) {
      throw new Refused(400, "ISO-FHIR-072: entry.request.url must be relative, such as Consent/1");
    }
    boolean reads = verb == HTTPVerb.GET || verb == HTTPVerb.HEAD;
    if (all && !reads && (!IN_TRANSACTIONS.contains(type) || url.contains("$"))) {
      throw new Refused(
          422,
          "ISO-FHIR-074: in a transaction only "
              + IN_TRANSACTIONS.stream().sorted().toList()
              + " are written; use a batch");
    }
    return url;
  }

  private static byte[] body(BundleEntryComponent entry, HTTPVerb verb, Map<String, String> made) {
    Resource resource = entry.getResource();
    if (verb == HTTPVerb.PATCH) {
      if (resource instanceof Binary patch) {
        return patch.getData();
      }
      throw new Refused(422, "ISO-FHIR-072: the resource of a PATCH is a Binary with a JSON Patch");
    }
    if (resource == null || verb != HTTPVerb.POST && verb != HTTPVerb.PUT) {
      return new byte[0];
    }
    refer(resource, made);
    return parser(false).encodeResourceToString(resource).getBytes(StandardCharsets.UTF_8);
  }

  /** Names of what entries before it made become its addresses. */
  private static void refer(Resource resource, Map<String, String> made) {
    FhirContext.forR4Cached()
        .newTerser()
        .getAllResourceReferences(resource)
        .forEach(
            info -> {
              String said = info.getResourceReference().getReferenceElement().getValue();
              if (made.containsKey(said)) {
                info.getResourceReference().setReference(made.get(said));
              } else if (said != null && said.toLowerCase(Locale.ROOT).startsWith("urn:uuid:")) {
                throw new Refused(
                    422, "ISO-FHIR-072: a reference names an entry that is not made before it");
              }
            });
  }

  private static BundleEntryComponent answer(EntryResponse got, HttpServletRequest request) {
    BundleEntryComponent answer = new BundleEntryComponent();
    answer.getResponse().setStatus(status(got.getStatus()));
    answer.getResponse().setEtag(got.getHeader("ETag"));
    String location = got.getHeader("Location");
    if (location != null) {
      String base = request.getRequestURL().toString().replaceAll("/+$", "") + "/";
      answer
          .getResponse()
          .setLocation(location.startsWith(base) ? location.substring(base.length()) : location);
    }
    byte[] body = got.body();
    if (body.length > 0 && String.valueOf(got.getHeader("Content-Type")).contains("json")) {
      Resource resource =
          (Resource) parser(false).parseResource(new String(body, StandardCharsets.UTF_8));
      if (resource instanceof OperationOutcome outcome) {
        answer.getResponse().setOutcome(outcome);
      } else {
        answer.setResource(resource);
        answer.getResponse().setLastModified(resource.getMeta().getLastUpdated());
      }
    }
    return answer;
  }

  private static String status(int code) {
    HttpStatus known = HttpStatus.resolve(code);
    return known == null ? Integer.toString(code) : code + " " + known.getReasonPhrase();
  }
}
