using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Threats;

public sealed class VisibleTextTests
{
    [Theory]
    [InlineData("Sign in\u001B[2K\u001B[1A", @"Sign in\u001B[2K\u001B[1A")]
    [InlineData("a\rb\nc\td\0", @"a\u000Db\u000Ac\u0009d\u0000")]
    [InlineData("invoice\u202Efdp.exe", @"invoice\u202Efdp.exe")]
    [InlineData("\u2066x\u2069 \u200Ey \u061C", @"\u2066x\u2069 \u200Ey \u061C")]
    [InlineData("C1: \u009B31m", @"C1: \u009B31m")]
    [InlineData("pay\u200Bpal \uFEFF", @"pay\u200Bpal \uFEFF")]
    [InlineData("tag \U000E0041", @"tag \U000E0041")]
    public void WhatWouldNotBeSeenIsWrittenAsItsCode(string text, string shown) => Assert.Equal(shown, VisibleText.Of(text));

    [Theory]
    [InlineData("Überprüfung – Ваш счёт 支払い")]
    [InlineData("שלום")]
    [InlineData("family 👨‍👩‍👧 x")]
    [InlineData(@"C:\u001B")]
    public void OrdinaryTextStaysAsItIs(string text) => Assert.Equal(text, VisibleText.Of(text));

    [Fact]
    public void HalfACharacterIsWrittenAsItsCode() => Assert.Equal(@"half \uD83D", VisibleText.Of("half " + (char)0xD83D));

    [Fact]
    public void NoTextIsAnEmptyText() => Assert.Equal("", VisibleText.Of(null));

    [Fact]
    public void TextOfSeveralLinesKeepsItsLines() =>
        Assert.Equal("a\r\nb\n\tc" + @"\u001B \u000D", VisibleText.OfLines("a\r\nb\n\tc\u001B \r"));
}
