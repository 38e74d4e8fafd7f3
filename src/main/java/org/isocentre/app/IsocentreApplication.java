package org.isocentre.app;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.autoconfigure.security.servlet.UserDetailsServiceAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;

/** Starts the hub. */
@SpringBootApplication(
    scanBasePackages = {"org.isocentre.app", "org.isocentre.demo"},
    exclude = UserDetailsServiceAutoConfiguration.class)
@EnableConfigurationProperties(IsocentreProperties.class)
public class IsocentreApplication {
  public static void main(String[] args) {
    try {
      if (AuditVerification.isAsked(args)) {
        System.exit(AuditVerification.run(args));
      }
      SpringApplication.run(IsocentreApplication.class, args);
    } catch (RuntimeException e) {
      // Said already. Threads of what did start would keep a hub alive that serves nobody.
      System.exit(1);
    }
  }
}
