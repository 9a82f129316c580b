using System.Management.Automation;
using System.Reflection;
using System.Text.RegularExpressions;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell.Tests;

/// <summary>Error ids are an interface: scripts match them.</summary>
public sealed class FaultCatalogueTests
{
    private static readonly PropertyInfo[] Entries =
        [.. typeof(Faults).GetProperties().Where(property => property.PropertyType == typeof(FaultKind))];

    [Fact]
    public void Every_entry_is_listed_once() =>
        Assert.Equal(
            Entries.Select(entry => entry.Name).Order(StringComparer.Ordinal),
            Faults.All.Select(kind => kind.Id).Order(StringComparer.Ordinal));

    [Fact]
    public void Ids_are_unique_and_Pascal_case()
    {
        Assert.Distinct(Faults.All.Select(kind => kind.Id), StringComparer.OrdinalIgnoreCase);
        Assert.All(Faults.All, kind => Assert.Matches(new Regex("^([A-Z][a-z]+)+$"), kind.Id));
    }

    [Fact]
    public void Every_entry_says_what_to_do_next() =>
        Assert.All(Faults.All, kind => Assert.EndsWith(".", kind.RecommendedAction, StringComparison.Ordinal));

    [Fact]
    public void Every_entry_ends_a_run_with_a_code_of_its_own_meaning() =>
        Assert.All(Faults.All, kind =>
        {
            Assert.True(Enum.IsDefined(kind.ExitCode));
            Assert.NotEqual(ExitCode.Done, kind.ExitCode);
        });

    [Fact]
    public void Every_category_is_one_of_PowerShell() =>
        Assert.All(Enum.GetNames<FaultCategory>(), name => Assert.Contains(name, Enum.GetNames<ErrorCategory>()));
}
