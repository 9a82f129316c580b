using System.Buffers;

namespace PhishMe.Engine.Destinations.Feeds;

/// <summary>Writes a row with its line end.</summary>
/// <param name="row">What it is made of.</param>
/// <param name="output">Takes the bytes; what is written is discarded when the answer is false.</param>
/// <returns>Whether the reader of the file would take it.</returns>
internal delegate bool FeedRowFormat(FeedRow row, IBufferWriter<byte> output);
