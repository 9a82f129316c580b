using ArchUnitNET.Domain;
using ArchUnitNET.Loader;

namespace PhishMe.Engine.Tests.Architecture;

/// <summary>The direction of docs/architecture.md: a namespace may use those above it in this list, and no others.</summary>
public sealed class ArchitectureTests
{
    private const string Root = "PhishMe.Engine.";

    /// <summary>From the ground up.</summary>
    private static readonly string[] _order =
    [
        "Files", "Indicators", "Threats", "Storage", "Configuration", "Network", "Api", "Lookup", "Storage.Sqlite", "Storage.PostgreSql", "Rendering", "Sync", "Destinations", "Serving", "Running",
    ];

    private static readonly ArchUnitNET.Domain.Architecture _house =
        new ArchLoader().LoadAssemblies(typeof(EngineFactory).Assembly).Build();

    [Fact]
    public void Namespaces_point_one_way()
    {
        var wrong = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var type in Types())
        {
            foreach (var target in type.Dependencies.Select(dependency => dependency.Target).Where(target => IsOurs(target)))
            {
                int from = StationOf(type), to = StationOf(target);
                if (from >= 0 && to > from)
                {
                    wrong.Add($"{type.FullName} uses {target.FullName}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));
    }

    [Fact]
    public void Sqlite_stays_in_its_folder() => Assert.Empty(
        from type in Types()
        where !type.Namespace.FullName.StartsWith(Root + "Storage.Sqlite", StringComparison.Ordinal)
        from target in type.Dependencies.Select(dependency => dependency.Target.FullName)
        where target.StartsWith("Microsoft.Data.Sqlite", StringComparison.Ordinal) || target.StartsWith("SQLitePCL", StringComparison.Ordinal)
        select $"{type.FullName} uses {target}");

    [Fact]
    public void Npgsql_stays_in_its_folder() => Assert.Empty(
        from type in Types()
        where !type.Namespace.FullName.StartsWith(Root + "Storage.PostgreSql", StringComparison.Ordinal)
        from target in type.Dependencies.Select(dependency => dependency.Target.FullName)
        where target.StartsWith("Npgsql", StringComparison.Ordinal)
        select $"{type.FullName} uses {target}");

    /// <summary>One class, so that nothing of it is loaded without a collector; what asks for figures in the text format never does.</summary>
    [Fact]
    public void OpenTelemetry_stays_in_its_class() => Assert.Equal(
        [Root + "Serving.Measuring.OtlpExport"],
        (from type in Types()
         from target in type.Dependencies.Select(dependency => dependency.Target.FullName)
         where target.StartsWith("OpenTelemetry", StringComparison.Ordinal) || target.StartsWith("Microsoft.Extensions", StringComparison.Ordinal)
         select type.FullName.Split('/', '+')[0]).Distinct());

    /// <summary>Only the composition knows which backend keeps the state.</summary>
    [Theory]
    [InlineData("Storage.Sqlite")]
    [InlineData("Storage.PostgreSql")]
    public void Ports_hide_what_keeps_the_state(string backend) => Assert.Empty(
        (from type in Types()
         where !type.Namespace.FullName.StartsWith(Root + backend, StringComparison.Ordinal)
         from target in type.Dependencies.Select(dependency => dependency.Target)
         where target.Namespace?.FullName.StartsWith(Root + backend, StringComparison.Ordinal) == true
         select type.FullName.Split('/', '+')[0]).Distinct().Except([Root + "Running.EngineSettings"], StringComparer.Ordinal));

    /// <summary>The shells enter by the factory; phishme writes two of its answers as JSON. Whatever else is public would be a promise that no one asked for.</summary>
    [Fact]
    public void The_engine_has_three_public_types() => Assert.Equal(
        [Root + "EngineFactory", Root + "Lookup.StoreJson", Root + "Running.RunSummaryJson"],
        typeof(EngineFactory).Assembly.GetExportedTypes().Select(type => type.FullName!).Order(StringComparer.Ordinal));

    /// <summary>phishme starts on hosts without ASP.NET Core, and the module loads the engine into a shell: both must never ask for it.</summary>
    [Fact]
    public void Only_the_server_knows_ASP_NET_Core()
    {
        Assert.Contains(typeof(PhishMe.Server.PhishMeServer).Assembly.GetReferencedAssemblies(), OfAspNetCore);
        foreach (var assembly in (System.Reflection.Assembly[])[typeof(EngineFactory).Assembly, typeof(PhishMe.Cli.PhishMeCommand).Assembly, typeof(PhishMe.Intelligence.Threat).Assembly])
        {
            Assert.DoesNotContain(assembly.GetReferencedAssemblies(), OfAspNetCore);
        }

        static bool OfAspNetCore(System.Reflection.AssemblyName name) => name.Name!.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal);
    }

    /// <summary>The server shows what the engine has: no one knows it.</summary>
    [Fact]
    public void No_one_knows_the_server()
    {
        foreach (var assembly in (System.Reflection.Assembly[])[typeof(EngineFactory).Assembly, typeof(PhishMe.Cli.PhishMeCommand).Assembly, typeof(PhishMe.Intelligence.Threat).Assembly])
        {
            Assert.DoesNotContain(assembly.GetReferencedAssemblies(), name => name.Name == "phishme-server");
        }
    }

    private static IEnumerable<IType> Types() => _house.Types.Where(IsOurs);

    /// <summary>Parameters of generic methods have the name of the method in theirs; they are not types of ours.</summary>
    private static bool IsOurs(IType type) =>
        type.Namespace?.FullName.StartsWith(Root, StringComparison.Ordinal) == true && !type.FullName.Contains("::", StringComparison.Ordinal);

    private static int StationOf(IType type)
    {
        var name = type.Namespace.FullName[Root.Length..];
        return Array.FindLastIndex(_order, station => name == station || name.StartsWith(station + ".", StringComparison.Ordinal)) is var exact && exact >= 0
            ? Array.IndexOf(_order, _order.Where(station => name == station || name.StartsWith(station + ".", StringComparison.Ordinal)).MaxBy(station => station.Length)!)
            : -1;
    }
}
