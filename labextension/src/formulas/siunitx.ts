/** Numbers and units as the LaTeX package siunitx prints them: `\num`, `\si`, `\unit`, `\SI`, `\qty`, `\ang`. */
import { PREFIXES, UNITS } from './units';

interface Token {
  readonly text: string;
  readonly loc: { readonly start: number };
}

interface Context {
  consumeArgs(count: number): Token[][];
}

type Define = (name: string, expand: (context: Context) => string) => void;

const NUMBER = /^([+-]?)(\d*)(?:[.,](\d+))?(?:\s*(?:\+-|\\pm)\s*([\d.,]+))?(?:[eEdD]([+-]?\d+))?$/;
const GROUPED_FROM = 5;

/** What siunitx writes against the number, without a space. */
const CLOSE = new Set(['\\degree', '\\arcminute', '\\arcsecond']);

/** Define the commands. */
export function defineUnits(define: Define): void {
  define('\\num', context => number('\\num', argument(context)));
  define('\\ang', context => `${number('\\ang', argument(context))}\\text{\u00b0}`);
  for (const name of ['\\si', '\\unit']) {
    define(name, context => unit(name, argument(context)));
  }
  for (const name of ['\\SI', '\\qty']) {
    define(name, context => quantity(name, argument(context), argument(context)));
  }
}

function quantity(name: string, value: string, units: string): string {
  const space = CLOSE.has(units.trim()) ? '' : '\\,';
  return `${number(name, value)}${space}${unit(name, units)}`;
}

/** The source of the next argument: its tokens, last one first, with the blanks that were between them. */
function argument(context: Context): string {
  const tokens = [...(context.consumeArgs(1)[0] ?? [])].reverse();
  let [source, end] = ['', tokens[0]?.loc.start ?? 0];
  for (const { text, loc } of tokens) {
    source += (loc.start > end ? ' ' : '') + text;
    end = loc.start + text.length;
  }
  return source;
}

function number(name: string, source: string): string {
  const found = NUMBER.exec(source.trim());
  if (found === null) {
    throw new Error(`${name} reads a number such as 1.5e-3, and not ${source}`);
  }
  const [, sign = '', whole = '', fraction, uncertainty, exponent] = found;
  const digits = mantissa(whole, fraction);
  const spread = uncertainty === undefined ? '' : `\\pm ${uncertainty}`;
  const power = exponent === undefined ? '' : `10^{${exponent.replace('+', '')}}`;
  const times = digits !== '' && power !== '' ? '\\times ' : '';
  const value = spread !== '' && power !== '' ? `(${digits}${spread})` : `${digits}${spread}`;
  return `${sign === '-' ? '{-}' : sign}${value}${times}${power}`;
}

function mantissa(whole: string, fraction: string | undefined): string {
  const before = grouped(whole, /\B(?=(\d{3})+$)/g);
  return fraction === undefined
    ? before
    : `${before || '0'}.${grouped(fraction, /(?<=^(\d{3})+)\B/g)}`;
}

function grouped(digits: string, between: RegExp): string {
  return digits.length < GROUPED_FROM ? digits : digits.replace(between, '\\,');
}

/** A unit: literal, as in `m/s^2`, or of commands, as in `\meter\per\second`. */
function unit(name: string, source: string): string {
  const parts = source.match(/\\[A-Za-z]+(?:\s*\{[^{}]*\})?|[^\\]+/g) ?? [];
  return parts.some(part => part.startsWith('\\')) ? fromCommands(name, parts) : literal(source);
}

function literal(source: string): string {
  return source
    .trim()
    .split(/[.~\s]+/)
    .map(part => part.replace(/[^\d^{}_/*()+-]+/g, '\\mathrm{$&}').replace(/\^(-?\d+)/g, '^{$1}'))
    .join('\\,');
}

function fromCommands(name: string, parts: readonly string[]): string {
  const units: string[] = [];
  let [prefix, sign, power] = ['', '', ''];
  for (const part of parts.map(text => text.trim()).filter(text => text !== '')) {
    const [, command = part, given = ''] = /^(\\[A-Za-z]+)\s*(?:\{(.*)\})?$/.exec(part) ?? [];
    if (command === '\\per') {
      sign = '-';
    } else if (command === '\\square' || command === '\\cubic') {
      power = command === '\\square' ? '2' : '3';
    } else if (command in PREFIXES) {
      prefix = PREFIXES[command] ?? '';
    } else if (command === '\\squared' || command === '\\cubed' || command === '\\tothe') {
      raise(units, command === '\\squared' ? '2' : command === '\\cubed' ? '3' : given);
    } else {
      units.push(`${upright(prefix + symbol(name, command))}${exponentOf(sign, power)}`);
      [prefix, sign, power] = ['', '', ''];
    }
  }
  return units.join('\\,');
}

function upright(text: string): string {
  return /^[A-Za-z]+$/.test(text) ? `\\mathrm{${text}}` : `\\text{${text}}`;
}

function exponentOf(sign: string, power: string): string {
  return sign === '' && power === '' ? '' : `^{${sign}${power || '1'}}`;
}

/** Raise the unit that was written last; below a fraction line its power is negative already. */
function raise(units: string[], power: string): void {
  const last = units.pop() ?? '';
  const isBelow = last.endsWith('^{-1}');
  units.push(isBelow ? last.replace(/\^\{-1\}$/, `^{-${power}}`) : `${last}^{${power}}`);
}

function symbol(name: string, command: string): string {
  const found = command.startsWith('\\') ? UNITS[command] : command;
  if (found === undefined) {
    throw new Error(`${name} knows no unit ${command}`);
  }
  return found;
}
