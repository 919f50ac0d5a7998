// Asks one question at a time and keeps only the newest: while a request is under way further
// inputs replace each other, and the last of them is asked when it is back. A drag over a thousand
// moments so costs as many requests as the host can answer, and never a queue.

export class Latest<Input, Answer> {
  #run: (input: Input) => Promise<Answer>;
  #onAnswer: (answer: Answer, input: Input) => void;
  #onFailure: (thrown: unknown, input: Input) => void;
  #waiting: { input: Input } | undefined;
  #underway = false;
  #generation = 0;

  constructor(
    run: (input: Input) => Promise<Answer>,
    onAnswer: (answer: Answer, input: Input) => void,
    onFailure: (thrown: unknown, input: Input) => void,
  ) {
    this.#run = run;
    this.#onAnswer = onAnswer;
    this.#onFailure = onFailure;
  }

  /** Whether an answer is awaited. */
  get busy(): boolean {
    return this.#underway || this.#waiting !== undefined;
  }

  ask(input: Input): void {
    this.#waiting = { input };
    if (!this.#underway) void this.#next();
  }

  /** The answer under way is no longer of interest. */
  forget(): void {
    this.#waiting = undefined;
    this.#generation += 1;
  }

  async #next() {
    while (this.#waiting) {
      const { input } = this.#waiting;
      this.#waiting = undefined;
      this.#underway = true;
      const generation = this.#generation;
      try {
        const answer = await this.#run(input);
        this.#underway = false;
        if (generation === this.#generation) this.#onAnswer(answer, input);
      } catch (thrown) {
        this.#underway = false;
        if (generation === this.#generation) this.#onFailure(thrown, input);
      }
    }
  }
}
