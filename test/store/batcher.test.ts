import { Batcher } from '../../src/store/batcher';

describe('a batcher', () => {
  it('gathers what arrives together, and what arrives during a trip, and answers each call its own', async () => {
    const trips: number[][] = [];
    const batcher = new Batcher((items: readonly number[]) => {
      trips.push([...items]);
      if (trips.length === 1) late = Promise.all([batcher.add(3), batcher.add(4)]);
      return Promise.resolve(items.map((item) => item * 10));
    });
    let late: Promise<number[]> | undefined;
    expect(await Promise.all([batcher.add(1), batcher.add(2)])).toEqual([10, 20]);
    expect(await late).toEqual([30, 40]);
    expect(trips).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('sends at most so many at once', async () => {
    const sizes: number[] = [];
    const batcher = new Batcher((items: readonly number[]) => {
      sizes.push(items.length);
      return Promise.resolve(items);
    }, 2);
    await Promise.all([1, 2, 3, 4, 5].map((item) => batcher.add(item)));
    expect(sizes).toEqual([2, 2, 1]);
  });

  it('rejects the calls of a trip that fails, and goes on with the next', async () => {
    let fails = true;
    const batcher = new Batcher((items: readonly string[]) =>
      fails ? Promise.reject(new Error('the database is away')) : Promise.resolve(items),
    );
    const lost = await Promise.allSettled([batcher.add('a'), batcher.add('b')]);
    expect(lost.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    fails = false;
    expect(await batcher.add('c')).toBe('c');
  });
});
