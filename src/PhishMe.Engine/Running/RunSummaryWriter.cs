using System.Buffers;
using System.Text;
using System.Text.Json;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Running;

/// <summary>
/// Writes a run summary as <see cref="RunSummaryJson"/> describes it, property by property. The serializer makes the same bytes, but every run would
/// pay for it: it sets itself up by reflection, and the runtime compiles 350 methods for that.
/// </summary>
internal static class RunSummaryWriter
{
    /// <returns>One line of JSON. Values that are null are left out.</returns>
    public static string Write(RunSummary summary)
    {
        ArgumentNullException.ThrowIfNull(summary);
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("runId"u8, summary.RunId);
            json.WriteString("configurationPath"u8, summary.ConfigurationPath);
            json.WriteString("startedAt"u8, summary.StartedAt);
            json.WriteString("endedAt"u8, summary.EndedAt);
            json.WriteString("exitCode"u8, summary.ExitCode.ToString());
            WriteFault(json, summary.Fault);
            json.WriteBoolean("dryRun"u8, summary.DryRun);
            json.WriteBoolean("backfill"u8, summary.Backfill);
            json.WriteNumber("requests"u8, summary.Requests);
            WritePace(json, summary.Pace);
            json.WriteNumber("received"u8, summary.Received);
            json.WriteNumber("withdrawn"u8, summary.Withdrawn);
            json.WriteNumber("expired"u8, summary.Expired);
            json.WriteNumber("deadLetters"u8, summary.DeadLetters);
            json.WriteNumber("deadLettersOpen"u8, summary.DeadLettersOpen);
            json.WriteNumber("healed"u8, summary.Healed);
            WriteText(json, "positionBefore"u8, summary.PositionBefore);
            WriteText(json, "positionAfter"u8, summary.PositionAfter);
            json.WriteStartArray("destinations"u8);
            foreach (var destination in summary.Destinations)
            {
                WriteDestination(json, destination);
            }

            json.WriteEndArray();
            json.WriteStartArray("outputs"u8);
            foreach (var output in summary.Outputs)
            {
                WriteOutput(json, output);
            }

            json.WriteEndArray();
            json.WriteStartArray("warnings"u8);
            foreach (var warning in summary.Warnings)
            {
                json.WriteStringValue(warning);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteFault(Utf8JsonWriter json, Fault? fault)
    {
        if (fault is null)
        {
            return;
        }

        json.WriteStartObject("fault"u8);
        json.WriteStartObject("kind"u8);
        json.WriteString("id"u8, fault.Kind.Id);
        json.WriteString("category"u8, fault.Kind.Category.ToString());
        json.WriteString("exitCode"u8, fault.Kind.ExitCode.ToString());
        json.WriteString("recommendedAction"u8, fault.Kind.RecommendedAction);
        json.WriteEndObject();
        json.WriteString("message"u8, fault.Message);
        WriteText(json, "where"u8, fault.Where);
        json.WriteEndObject();
    }

    private static void WritePace(Utf8JsonWriter json, RequestPace? pace)
    {
        if (pace is null)
        {
            return;
        }

        json.WriteStartObject("pace"u8);
        json.WriteNumber("inFlight"u8, pace.InFlight);
        if (pace.PerSecond is double rate)
        {
            json.WriteNumber("perSecond"u8, rate);
        }

        json.WriteNumber("refused"u8, pace.Refused);
        json.WriteEndObject();
    }

    private static void WriteDestination(Utf8JsonWriter json, DestinationSummary destination)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, destination.Id);
        json.WriteString("kind"u8, destination.Kind.ToString());
        json.WriteString("section"u8, destination.Section);
        json.WriteNumber("delivered"u8, destination.Delivered);
        json.WriteNumber("withdrawn"u8, destination.Withdrawn);
        json.WriteNumber("removed"u8, destination.Removed);
        json.WriteNumber("unchanged"u8, destination.Unchanged);
        json.WriteStartArray("kinds"u8);
        foreach (var kind in destination.Kinds)
        {
            json.WriteStartObject();
            json.WriteString("kind"u8, kind.Kind.ToString());
            json.WriteNumber("offered"u8, kind.Offered);
            json.WriteNumber("delivered"u8, kind.Delivered);
            json.WriteNumber("notCarried"u8, kind.NotCarried);
            json.WriteNumber("leftOut"u8, kind.LeftOut);
            json.WriteNumber("rejected"u8, kind.Rejected);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("filesWritten"u8, destination.FilesWritten);
        json.WriteNumber("filesRemoved"u8, destination.FilesRemoved);
        json.WriteNumber("bytesAppended"u8, destination.BytesAppended);
        json.WriteNumber("sent"u8, destination.Sent);
        json.WriteNumber("rejected"u8, destination.Rejected);
        json.WriteNumber("waiting"u8, destination.Waiting);
        json.WriteNumber("dropped"u8, destination.Dropped);
        WriteText(json, "catchingUp"u8, destination.CatchingUp);
        WriteText(json, "failure"u8, destination.Failure);
        json.WriteEndObject();
    }

    private static void WriteOutput(Utf8JsonWriter json, OutputSummary output)
    {
        json.WriteStartObject();
        json.WriteString("output"u8, output.Output);
        json.WriteString("format"u8, output.Format.ToString());
        json.WriteNumber("threats"u8, output.Threats);
        json.WriteNumber("withdrawn"u8, output.Withdrawn);
        json.WriteNumber("unchanged"u8, output.Unchanged);
        json.WriteNumber("filesWritten"u8, output.FilesWritten);
        json.WriteNumber("filesRemoved"u8, output.FilesRemoved);
        json.WriteNumber("bytesAppended"u8, output.BytesAppended);
        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}
