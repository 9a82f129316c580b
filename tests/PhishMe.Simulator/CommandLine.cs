using System.Globalization;

namespace PhishMe.Simulator;

/// <summary>Reads the options of the program.</summary>
internal static class CommandLine
{
    public const string Usage = """
        The ThreatHQ API over HTTP on loopback, with invented threats.

          --port N          port, 0 for any free one (default 8080)
          --threats N       number of generated threats (default 0)
          --seed N          same seed, same bytes (default 1)
          --from, --to DATE first publications are spread over this time (2025-01-01 to 2025-06-30)
          --now TIME        the clock stands still at this time (ISO 8601, UTC): what is published later has the same dates in every run
          --load FOLDER     serve the *.json files of this folder too
          --latency MS      added to every answer
          --rate N          requests accepted per second; more are answered with 429
          --burst N         requests saved up while fewer come (default 10)
          --retry-after     429 says when to come again
          --workers N       requests worked on at a time; the others wait
          --work MS         how long a worker works on a request (default 30)
          --hang-up N       requests under way beyond which connections are closed without an answer
          --user U          user name
          --password P      password
          --vendor NAME     vendor in CEF headers (default PhishMe)
          --https           TLS with a self-signed certificate
          --no-gzip         never compress
        """;

    public static SimulatorOptions Parse(string[] arguments)
    {
        var options = new SimulatorOptions { Port = 8080 };
        for (var i = 0; i < arguments.Length; i++)
        {
            var name = arguments[i];
            string Value() => ++i < arguments.Length ? arguments[i] : throw new FormatException($"{name} needs a value");
            int Number() => int.TryParse(Value(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw new FormatException($"{name} needs a number, 0 or more");
            DateTimeOffset Date() => DateTimeOffset.TryParse(Value(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
                ? date
                : throw new FormatException($"{name} needs a date such as 2025-01-01");

            options = name switch
            {
                "--port" => options with { Port = Number() },
                "--threats" => options with { Threats = Number() },
                "--seed" => options with { Seed = Number() },
                "--from" => options with { From = Date() },
                "--to" => options with { To = Date() },
                "--now" => options with { Clock = new FixedClock(Date()) },
                "--load" => options with { LoadFolder = Value() },
                "--latency" => options with { Latency = TimeSpan.FromMilliseconds(Number()) },
                "--rate" => options with { Limits = options.Limits with { PerSecond = Number() } },
                "--burst" => options with { Limits = options.Limits with { Burst = Number() } },
                "--retry-after" => options with { Limits = options.Limits with { SaysRetryAfter = true } },
                "--workers" => options with { Limits = options.Limits with { Workers = Number() } },
                "--work" => options with { Limits = options.Limits with { Work = TimeSpan.FromMilliseconds(Number()) } },
                "--hang-up" => options with { Limits = options.Limits with { HangsUpBeyond = Number() } },
                "--user" => options with { User = Value() },
                "--password" => options with { Password = Value() },
                "--vendor" => options with { CefVendor = Value() },
                "--https" => options with { Https = true },
                "--no-gzip" => options with { Gzip = false },
                _ => throw new FormatException($"Unknown option {name}"),
            };
        }

        return options;
    }
}
