using System.Text;
using System.Xml;
using System.Xml.Schema;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Simulator;

public sealed class StixPackagesAreValid
{
    private static readonly Lazy<XmlSchemaSet?> Schemas = new(Load);

    [Fact]
    public async Task Those_of_the_fact_sheets_and_of_generated_threats_of_every_kind()
    {
        var schemas = Schemas.Value;
        Assert.SkipWhen(schemas is null, "The STIX schemas are not beside the repository: skipped");
        await using var simulator = await ThreatHqSimulator.StartAsync(
            new SimulatorOptions { Threats = 150 }, TestContext.Current.CancellationToken);
        foreach (var document in new[] { FactSheet.MalwareA, FactSheet.MalwareB, FactSheet.PhishA, FactSheet.PhishB })
        {
            simulator.Publish(Encoding.UTF8.GetBytes(document));
        }

        var findings = new List<string>();
        foreach ((var type, var id) in simulator.Threats)
        {
            findings.AddRange(Check(schemas!, simulator.Stix(type, id)).Select(finding => $"{type} {id}: {finding}"));
        }

        Assert.Empty(findings);
    }

    [Fact]
    public async Task Those_of_the_real_samples()
    {
        var schemas = Schemas.Value;
        var samples = Beside("fixtures", "threats");
        Assert.SkipWhen(schemas is null || samples is null, "Schemas or samples are not beside the repository: skipped");
        await using var simulator = await ThreatHqSimulator.StartAsync(
            new SimulatorOptions { LoadFolder = samples }, TestContext.Current.CancellationToken);
        Assert.Equal(Directory.GetFiles(samples!, "*.json").Length, simulator.Threats.Count);
        Assert.Empty(simulator.Threats.SelectMany(threat => Check(schemas!, simulator.Stix(threat.Type, threat.Id)).Select(finding => $"{threat.Id}: {finding}")));
    }

    /// <summary>What the schemas object to, and references that lead nowhere, which the schemas do not see.</summary>
    private static List<string> Check(XmlSchemaSet schemas, string package)
    {
        var findings = new List<string>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var references = new HashSet<string>(StringComparer.Ordinal);
        var settings = new XmlReaderSettings { ValidationType = ValidationType.Schema, Schemas = schemas, XmlResolver = null, DtdProcessing = DtdProcessing.Prohibit };
        settings.ValidationFlags |= XmlSchemaValidationFlags.ReportValidationWarnings;
        settings.ValidationEventHandler += (_, problem) => findings.Add(problem.Message);
        using var reader = XmlReader.Create(new StringReader(package), settings);
        while (reader.Read())
        {
            if (reader.NodeType != XmlNodeType.Element)
            {
                continue;
            }

            _ = reader.GetAttribute("id") is { } id && ids.Add(id);
            _ = reader.GetAttribute("idref") is { } reference && references.Add(reference);
        }

        references.ExceptWith(ids);
        findings.AddRange(references.Select(reference => reference + " leads nowhere"));
        return findings;
    }

    private static XmlSchemaSet? Load()
    {
        if (Beside("schemas", "stix1.1.1") is not { } folder)
        {
            return null;
        }

        // Without a resolver the imports would silently not be followed, and everything would pass.
        var schemas = new XmlSchemaSet { XmlResolver = new XmlUrlResolver() };
        schemas.Add(null, Path.Combine(folder, "entry.xsd"));
        schemas.Compile();
        Assert.Equal(18, schemas.Count);
        return schemas;
    }

    /// <summary>A folder of the material that lies beside the repository, or null where only the repository is.</summary>
    private static string? Beside(params string[] path)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine([folder.FullName, "shared", .. path]);
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }
}
