using System.Text.Json;
using PhishMe.Engine.Files;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Sync;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Running.Sessions;

/// <summary>
/// One file per named position in a folder of the user: readable for the owner only, replaced as a whole, so that a reader sees the old position or the new one.
/// </summary>
internal sealed class PositionShelf(EngineSettings engine) : IPositionShelf
{
    /// <summary>Names another folder for everything this user keeps.</summary>
    public const string HomeVariable = "PHISHME_HOME";

    private const int LongestName = 64;
    private const string Extension = ".json";
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private string Folder
    {
        get
        {
            var home = engine.Home ?? Environment.GetEnvironmentVariable(HomeVariable);
            if (string.IsNullOrWhiteSpace(home))
            {
                var local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
                home = local.Length > 0
                    ? Path.Combine(local, "PhishMe")
                    : throw new PhishMeException(Faults.PositionUnavailable, "This account has no profile folder.");
            }

            return Path.Combine(Path.GetFullPath(home), "positions");
        }
    }

    public IReadOnlyList<NamedPosition> List() => Touching(Folder, () =>
    {
        var folder = new DirectoryInfo(Folder);
        return folder.Exists
            ? (NamedPosition[])
            [
                .. folder.EnumerateFiles("*" + Extension)
                    .Where(file => IsName(Path.GetFileNameWithoutExtension(file.Name)))
                    .OrderBy(file => file.Name, StringComparer.Ordinal)
                    .Select(file => Read(file.FullName)?.ToNamedPosition())
                    .OfType<NamedPosition>(),
            ]
            : [];
    });

    public NamedPosition? Find(string name) => Load(name)?.ToNamedPosition();

    public NamedPosition Put(string name, string value)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(value);
        var now = engine.Clock.GetUtcNow();
        return PutHeld(name, key => new StoredPosition
        {
            Name = key,
            UpdatedAt = now,
            Cursor = Backfill.Start(NamedPositionSync.PlanSince(now), now, generation: 1) with { Phase = SyncPhase.Following, Position = value.Trim() },
        });
    }

    public NamedPosition Put(string name, DateTimeOffset since) =>
        PutHeld(name, key => new StoredPosition { Name = key, UpdatedAt = engine.Clock.GetUtcNow(), Since = since.ToUniversalTime() });

    /// <summary>What the file says; null when there is none.</summary>
    public StoredPosition? Load(string name)
    {
        var path = PathOf(Key(name));
        return Touching(path, () => File.Exists(path) ? Read(path) : null);
    }

    /// <summary>Holds the position, so that two syncs do not move it at a time.</summary>
    /// <exception cref="PhishMeException">Another one holds it (<see cref="Faults.PositionBusy"/>).</exception>
    public RunLock Hold(string name)
    {
        var key = Key(name);
        var path = Path.Combine(Folder, key + ".lock");
        return Touching(path, () =>
        {
            MakeFolder();
            return RunLock.TryTake(path, key, engine.Clock.GetUtcNow());
        }) ?? throw new PhishMeException(Faults.PositionBusy, $"Another sync is using the position '{key}'.", path);
    }

    /// <summary>Replaces the file.</summary>
    public void Save(StoredPosition position)
    {
        var path = PathOf(position.Name);
        Touching(path, () =>
        {
            MakeFolder();
            AtomicFile.WriteOwnerOnly(
                path,
                file => JsonSerializer.Serialize(file, position, StoredPositionJson.Default.StoredPosition),
                overwrite: true,
                new PatientFiles(engine.Clock, engine.Files));
            return true;
        });
    }

    /// <summary>The name in the one form files have.</summary>
    /// <exception cref="PhishMeException">It is none (<see cref="Faults.PositionNameInvalid"/>).</exception>
    public static string Key(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return IsName(name)
            ? string.Create(name.Length, name, static (text, from) => from.AsSpan().ToLowerInvariant(text))
            : throw new PhishMeException(Faults.PositionNameInvalid, $"'{name}' is not a valid name for a position.");
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= LongestName && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_');

    private string PathOf(string key) => Path.Combine(Folder, key + Extension);

    private void MakeFolder()
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(Folder);
        }
        else
        {
            Directory.CreateDirectory(Folder, OwnerFile | UnixFileMode.UserExecute);
        }
    }

    private static StoredPosition? Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var position = JsonSerializer.Deserialize(bytes, StoredPositionJson.Default.StoredPosition);
        return position is { Format: > StoredPosition.NewestFormat }
            ? throw new PhishMeException(Faults.StateTooNew, "The position was written by a newer version of the module.", path)
            : position?.Upgraded();
    }

    private NamedPosition PutHeld(string name, Func<string, StoredPosition> make)
    {
        using var held = Hold(name);
        var position = make(Key(name));
        Save(position);
        return position.ToNamedPosition();
    }

    private static T Touching<T>(string path, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new PhishMeException(Faults.PositionUnavailable, $"The position cannot be read or written: {exception.Message}", path, exception);
        }
        catch (JsonException exception)
        {
            throw new PhishMeException(
                Faults.PositionUnavailable, "The position file is damaged. Start the position again with Sync-PhishMeIntelligence -Since.", path, exception);
        }
    }
}
