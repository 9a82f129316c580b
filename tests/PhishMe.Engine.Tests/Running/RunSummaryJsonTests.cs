using System.Text.Json;
using PhishMe.Engine.Running;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Running;

/// <summary>The summary is written by hand, for the sake of the start; what reads it is generated. Both must mean the same JSON.</summary>
public sealed class RunSummaryJsonTests
{
    private static readonly RunSummary _least = new()
    {
        RunId = "4fa3cb958c33",
        ConfigurationPath = "C:\\PhishMe\\config.ini",
        StartedAt = new DateTimeOffset(2026, 11, 28, 21, 30, 4, TimeSpan.Zero),
        EndedAt = new DateTimeOffset(2026, 11, 28, 21, 30, 5, 381, TimeSpan.Zero).AddTicks(7),
        ExitCode = ExitCode.Done,
    };

    private static readonly RunSummary _most = _least with
    {
        ExitCode = ExitCode.OutputFailed,
        Fault = new Fault { Kind = Faults.RunTimedOut, Message = "\u00fc <b> \" \u2028 \ud83d\ude00", Where = "/var/lib/phishme" },
        DryRun = true,
        Backfill = true,
        Requests = 1,
        Pace = new RequestPace { InFlight = 2, PerSecond = 10.1, Refused = 3 },
        Received = 4,
        Withdrawn = 5,
        Expired = 6,
        DeadLetters = 7,
        DeadLettersOpen = 8,
        Healed = 9,
        PositionBefore = "10d19b6a-4e3f-11e6-9b5c-0a1b2c3d4e5f",
        PositionAfter = "20d19b6a-4e3f-11e6-9b5c-0a1b2c3d4e5f",
        Destinations =
        [
            new DestinationSummary
            {
                Id = "raw_json", Kind = DestinationKind.Queued, Section = "integration_raw_json", Delivered = 10, Withdrawn = 11, Removed = 12, Unchanged = 13,
                Kinds =
                [
                    new KindCount { Kind = IndicatorKind.Domain, Offered = 14, Delivered = 15, NotCarried = 27, LeftOut = 28, Rejected = 29 },
                    new KindCount { Kind = IndicatorKind.Url },
                ],
                FilesWritten = 16, FilesRemoved = 17, BytesAppended = 5_000_000_000, Sent = 18, Rejected = 19, Waiting = 20, Dropped = 21,
                CatchingUp = "since Monday", Failure = "refused",
            },
            new DestinationSummary { Id = "a", Kind = DestinationKind.Transactional, Section = "b" },
        ],
        Outputs =
        [
            new OutputSummary
            {
                Output = "integration_raw_stix", Format = OutputFormat.Stix, Threats = 22, Withdrawn = 23, Unchanged = 24, FilesWritten = 25, FilesRemoved = 26,
                BytesAppended = 6_000_000_000,
            },
        ],
        Warnings = ["one", "two"],
    };

    [Fact]
    public void TheBytesAreThoseOfTheSerializer()
    {
        Assert.Equal(JsonSerializer.Serialize(_least, RunSummaryJson.Default.RunSummary), RunSummaryJson.Write(_least));
        Assert.Equal(JsonSerializer.Serialize(_most, RunSummaryJson.Default.RunSummary), RunSummaryJson.Write(_most));
        var unpaced = _most with { Pace = new RequestPace { InFlight = 1 } };
        Assert.Equal(JsonSerializer.Serialize(unpaced, RunSummaryJson.Default.RunSummary), RunSummaryJson.Write(unpaced));
    }

    [Fact]
    public void NoPropertyIsForgottenByTheExample() =>
        Assert.All(
            JsonDocument.Parse(JsonSerializer.Serialize(_most, RunSummaryJson.Default.RunSummary)).RootElement.EnumerateObject(),
            property => Assert.False(
                property.Value.ValueKind is JsonValueKind.Null or JsonValueKind.False || (property.Value.ValueKind == JsonValueKind.Number && property.Value.GetDouble() == 0),
                property.Name));
}
