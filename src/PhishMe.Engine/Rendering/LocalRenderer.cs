using System.Buffers;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Sync;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary><c>source = local</c>: CEF and STIX made from the JSON that was downloaded anyway, instead of one more request per threat and format.</summary>
internal sealed class LocalRenderer(SyncPlan plan)
{
    private readonly CefRenderer _cef = new();
    private readonly StixPackageRenderer _package = new();
    private readonly StixBundleRenderer _bundle = new(new StixBundleOptions { Marking = plan.Marking });

    /// <summary>Adds the local formats to a threat that has JSON; a threat that cannot be rendered is set aside in these formats.</summary>
    public ThreatUnit Render(ThreatUnit unit, ICollection<DeadLetter> setAside)
    {
        if (plan.Local.Count == 0 || unit.Json is not Rendition json || unit.Expired)
        {
            return unit;
        }

        try
        {
            var threat = ThreatReader.Read(json.Bytes);
            return unit with
            {
                Cef = plan.Local.Contains(OutputFormat.Cef) ? Write(output => _cef.Render(threat, output), json) : unit.Cef,
                Stix = plan.Local.Contains(OutputFormat.Stix) ? Write(output => Stix(threat, output), json) : unit.Stix,
            };
        }
        catch (PhishMeException exception)
        {
            foreach (var format in plan.Local)
            {
                setAside.Add(new DeadLetter
                {
                    Subject = unit.Id.ToString(),
                    Format = format,
                    Reason = exception.Message,
                    Payload = json.Bytes.ToArray(),
                });
            }

            return unit;
        }
    }

    /// <summary>The fingerprint is that of the JSON: what is made from unchanged content is unchanged.</summary>
    private static Rendition Write(Action<IBufferWriter<byte>> render, Rendition json)
    {
        var output = new ArrayBufferWriter<byte>();
        render(output);
        return new Rendition(output.WrittenMemory, json.Content);
    }

    private void Stix(Threat threat, IBufferWriter<byte> output)
    {
        if (plan.IsStixBundle)
        {
            _bundle.Render(threat, output);
        }
        else
        {
            _package.Render(threat, output);
        }
    }
}
