package org.isocentre.demo;

import org.springframework.context.annotation.Profile;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The log-in form of the demo's authorization server. */
@RestController
@Profile("demo")
class DemoLoginController {
  private static final String PAGE =
      """
      <!doctype html>
      <html lang="en">
      <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
      <title>Log in - Isocentre demo</title>
      <style>
        body { font: 1.2rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 30rem; padding: 2rem 1rem; color: #212b32; background: #f0f4f5 }
        label { display: block; font-weight: 600 }
        input { font: inherit; padding: .4rem; width: 100%%; box-sizing: border-box; border: 2px solid #4c6272 }
        button { font: inherit; margin-top: 1rem; padding: .5rem 1.5rem; border: 0; color: #fff; background: #007f3b }
        input:focus, button:focus { outline: 4px solid #ffeb3b }
        .error { color: #b10e1e; font-weight: 600 }
      </style></head>
      <body><main>
      <h1>Log in as a patient</h1>
      <p>This is the demo: type the NHS number of any patient that the hub knows. There is no password.</p>
      %s
      <form method="post" action="/login">
        <label for="nhs_number">NHS number</label>
        <input id="nhs_number" name="nhs_number" inputmode="numeric" autocomplete="off" required>
        <button type="submit">Continue</button>
      </form>
      </main></body></html>
      """;

  @GetMapping(path = "/login", produces = MediaType.TEXT_HTML_VALUE)
  String login(@RequestParam(required = false) String error) {
    return PAGE.formatted(
        error == null
            ? ""
            : "<p class=\"error\" role=\"alert\">The hub knows no patient with this NHS number.</p>");
  }
}
