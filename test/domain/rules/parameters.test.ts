import fc from 'fast-check';
import { findParameterNames, resolveParameters } from '../../../src/domain/rules/parameters';

describe('parameters', () => {
  it('are found in every string, each once, sorted', () => {
    const configuration = {
      url: '{{parameters.b}}/{{ parameters.a }}',
      list: ['x {{parameters.b}}'],
      n: 1,
      none: null,
    };
    expect(findParameterNames(configuration)).toEqual(['a', 'b']);
  });

  it('are put in as they are when they are the whole string, and as text inside one', () => {
    const configuration = {
      whole: '{{parameters.n}}',
      part: 'n is {{parameters.n}}',
      missing: '{{parameters.x}}',
    };
    expect(resolveParameters(configuration, { n: 7 })).toEqual({
      whole: 7,
      part: 'n is 7',
      missing: '{{parameters.x}}',
    });
  });

  it('never change what has none', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const json = JSON.parse(JSON.stringify(value)) as Parameters<typeof findParameterNames>[0];
        fc.pre(findParameterNames(json).length === 0);
        expect(resolveParameters(json, { a: 1 })).toEqual(json);
      }),
    );
  });
});
