using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using PhishMe.Engine.Lookup;
using PhishMe.Engine.Tests.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Store;

/// <summary>docs/store.md says in tables which forms of a value meet which. Each cell is tried.</summary>
public abstract partial class DocumentedFormsTests(StateBackendKind backend)
{
    public static TheoryData<string, string> Same => Rows("written as", "is the same as");

    public static TheoryData<string, string> Different => Rows("written as", "is not");

    [Theory]
    [MemberData(nameof(Same))]
    public void What_the_page_calls_the_same_is_the_same_on_both_sides(string written, string value)
    {
        Assert.Equal(LookupValue.Of(value), LookupValue.Of(written));
        using var folder = new StoreFolder(backend);
        folder.Put(ThreatBuilder.Malware(1).Block(TypeOf(value), value));
        Assert.True(Assert.Single(folder.Find(written)).Kind is MatchKind.Exact or MatchKind.Hash);
    }

    [Theory]
    [MemberData(nameof(Different))]
    public void What_the_page_calls_different_is_not_the_same(string written, string value)
    {
        Assert.NotEqual(LookupValue.Of(value), LookupValue.Of(written));
        using var folder = new StoreFolder(backend);
        folder.Put(ThreatBuilder.Malware(1).Block(TypeOf(value), value));
        Assert.DoesNotContain(folder.Find(written), match => match.Kind is MatchKind.Exact or MatchKind.Hash);
    }

    [Fact]
    public void The_tables_are_there()
    {
        Assert.True(Same.Count > 40, $"{Same.Count} forms");
        Assert.True(Different.Count > 15, $"{Different.Count} forms");
    }

    private static string TypeOf(string value) => LookupValue.Of(value).Kind switch
    {
        IndicatorKind.Url => "URL",
        IndicatorKind.IPv4 => "IPv4 Address",
        IndicatorKind.IPv6 => "IPv6 Address",
        IndicatorKind.Email => "Email",
        IndicatorKind.Domain => "Domain Name",
        _ => "File Hash",
    };

    private static TheoryData<string, string> Rows(string first, string second, [CallerFilePath] string here = "")
    {
        var page = File.ReadAllLines(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "docs", "store.md"));
        var data = new TheoryData<string, string>();
        foreach (var row in page.SkipWhile(line => line != $"| {first} | {second} |").Skip(2).TakeWhile(line => line.StartsWith('|')))
        {
            var cells = row.Split(" | ");
            var value = Code().Match(cells[1]).Groups[1].Value;
            foreach (Match form in Code().Matches(cells[0]))
            {
                data.Add(form.Groups[1].Value, value);
            }
        }

        return data;
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}

/// <summary>In a file.</summary>
public sealed class SqliteDocumentedFormsTests() : DocumentedFormsTests(StateBackendKind.Sqlite);

/// <summary>In a database that hosts share.</summary>
public sealed class PostgreSqlDocumentedFormsTests() : DocumentedFormsTests(StateBackendKind.PostgreSql);
