using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell.Hosting;

/// <summary>
/// Keeps the engine's packages apart from those of other modules: whoever else loads another Serilog or SQLite in this process is not our concern.
/// </summary>
internal sealed class EngineLoadContext : AssemblyLoadContext
{
    private const string EngineFileName = "PhishMe.Engine.dll";
    private const string FactoryTypeName = "PhishMe.Engine.EngineFactory";

    // One per process, on first use: import must not touch the engine, and native SQLite cannot be unloaded.
    private static readonly Lazy<IEngineFactory> LazyFactory = new(LoadFactory);

    private static readonly Assembly Vocabulary = typeof(IEngineFactory).Assembly;

    private readonly AssemblyDependencyResolver _resolver;

    private EngineLoadContext(string enginePath)
        : base("PhishMe.Engine")
    {
        _resolver = new AssemblyDependencyResolver(enginePath);
    }

    /// <summary>The way into the engine; the first caller loads it.</summary>
    public static IEngineFactory Factory => LazyFactory.Value;

    /// <summary>Finds the engine of a module: the one that was compiled ahead for the platform, if the module has it, else the one for all platforms.</summary>
    /// <param name="folder">The folder engine of the module.</param>
    /// <param name="platform">The runtime identifier of this process, such as linux-x64.</param>
    internal static string FindEngine(string folder, string platform)
    {
        var ahead = Path.Combine(folder, platform, EngineFileName);
        return File.Exists(ahead) ? ahead : Path.Combine(folder, EngineFileName);
    }

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        // The types that cross the border must be the very types the cmdlets were compiled against.
        if (string.Equals(assemblyName.Name, Vocabulary.GetName().Name, StringComparison.OrdinalIgnoreCase))
        {
            return Vocabulary;
        }

        // What is not beside the engine belongs to the shared framework and falls to the default context.
        var path = _resolver.ResolveAssemblyToPath(assemblyName);
        return path is null ? null : LoadFromAssemblyPath(path);
    }

    /// <inheritdoc/>
    protected override nint LoadUnmanagedDll(string unmanagedDllName)
    {
        var path = _resolver.ResolveUnmanagedDllToPath(unmanagedDllName);
        return path is null ? nint.Zero : LoadUnmanagedDllFromPath(path);
    }

    private static IEngineFactory LoadFactory()
    {
        var folder = Path.GetDirectoryName(typeof(EngineLoadContext).Assembly.Location) ?? string.Empty;
        var enginePath = FindEngine(Path.Combine(folder, "engine"), RuntimeInformation.RuntimeIdentifier);
        try
        {
            var engine = new EngineLoadContext(enginePath).LoadFromAssemblyPath(enginePath);
            var factory = engine.GetType(FactoryTypeName, throwOnError: true)!;
            return (IEngineFactory)Activator.CreateInstance(factory)!;
        }
        catch (Exception exception) when (exception is IOException or BadImageFormatException or InvalidOperationException
                                              or TypeLoadException or InvalidCastException or MissingMethodException)
        {
            throw new PhishMeException(Faults.EngineUnavailable, "The engine of the module could not be loaded.", enginePath, exception);
        }
    }
}
