using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Copying;

/// <summary>A state that is copied from, or the copy: everything it holds, area by area. No one changes it meanwhile.</summary>
internal interface ICopySource : IDisposable
{
    /// <summary>What messages call it.</summary>
    string Name { get; }

    /// <summary>The areas and their columns, by the names that both sides have. What is made from other areas, such as the index, is not among them.</summary>
    IReadOnlyDictionary<string, IReadOnlyList<string>> Areas { get; }

    /// <summary>The rows of an area in any order: null, whole numbers as <see cref="long"/>, <see cref="double"/>, <see cref="string"/>, bytes.</summary>
    /// <exception cref="PhishMeException">The state cannot be read.</exception>
    IEnumerable<object?[]> Read(string area, IReadOnlyList<string> columns);

    /// <summary>What the index says, threat by threat.</summary>
    /// <exception cref="PhishMeException">The state cannot be read.</exception>
    IEnumerable<IndexedThreat> ReadIndex();
}
