namespace PhishMe.Intelligence;

/// <summary>The named positions of this user. Each is a small file that only the user may read.</summary>
public interface IPositionShelf
{
    /// <summary>All positions, by name.</summary>
    /// <returns>The positions; none when there are none yet.</returns>
    IReadOnlyList<NamedPosition> List();

    /// <summary>One position.</summary>
    /// <param name="name">Its name; upper and lower case are the same.</param>
    /// <returns>The position; null when there is none of that name.</returns>
    NamedPosition? Find(string name);

    /// <summary>Sets a position to one of the server, making it when needed.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">The server's position.</param>
    /// <returns>The position.</returns>
    NamedPosition Put(string name, string value);

    /// <summary>Sets a position to a time: the next sync hands over what was published since.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="since">The time.</param>
    /// <returns>The position.</returns>
    NamedPosition Put(string name, DateTimeOffset since);
}
